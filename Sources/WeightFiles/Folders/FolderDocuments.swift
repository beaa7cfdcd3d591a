import Formats
import Foundation
import Support

/// What lies beside the weights of a model's folder and belongs to the model: its configuration and its
/// tokenizer, which its copies need, too.
struct FolderDocuments {
  /// The names of the files, some within folders: `1_Pooling/config.json`.
  private(set) var names: [String] = []
  /// The names of the folders that some of them lie in.
  private(set) var folders: [String] = []
  /// The names of folders and files, each folder before its files.
  var allNames: [String] { folders + names }
  /// The names of what a copy does not have: other weights, and folders that hold some.
  private(set) var others: [String] = []

  private static let endings: Set<String> = [
    "json", "txt", "model", "jinja", "tiktoken", "py", "spm", "bpe", "vocab", "yaml", "yml", "toml",
  ]
  private static let licences = ["LICENSE", "LICENCE", "NOTICE", "USE_POLICY"]
  /// What training leaves: it is about the first model alone.
  private static let training: Set<String> = [
    "trainer_state.json", "all_results.json", "train_results.json", "eval_results.json",
    "params.json", "result.json",
  ]

  /// Looks into a folder.
  ///
  /// - Parameter weights: the names of the files that are the model.
  /// - Throws: `Diagnostic` of code `noInput` where it may not be read.
  init(of folder: String, weights: Set<String>) throws {
    let all: [String]
    do { all = try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
      throw Diagnostic(.noInput, "this folder may not be read", at: [folder])
    }
    for name in all where !name.hasPrefix(".") && !weights.contains(name) {
      let path = folder + "/" + name
      if !ModelFolder.isFolder(path) {
        if Self.belongs(name) {
          names.append(name)
        } else if WeightFileName.isWeightFile(name), !WeightFileName.isLeftOfTraining(name) {
          others.append(name)
        }
        continue
      }
      // One level, as sentence-transformers has it: with weights, it is a part of the network.
      let inner = (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
      let isPlain = inner.allSatisfy { Self.belongs($0) && !ModelFolder.isFolder(path + "/" + $0) }
      if isPlain, !inner.isEmpty {
        folders.append(name)
        names += inner.map { name + "/" + $0 }
      } else if inner.contains(where: WeightFileName.isWeightFile) {
        others.append(name)
      }
    }
  }

  /// Whether a file of that name is a document of a model.
  static func belongs(_ name: String) -> Bool {
    if training.contains(name) || name.hasSuffix(".index.json")
      || name.hasSuffix(KerasShards.ending)
    {
      return false
    }
    return endings.contains((name as NSString).pathExtension.lowercased())
      || licences.contains(where: name.uppercased().hasPrefix)
  }

  /// Whether all that a folder holds is a model and its documents, so that another model may take its
  /// place.
  static func isModelAlone(_ folder: String) -> Bool {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      return false
    }
    func isKnown(_ name: String, in folder: String) -> Bool {
      !ModelFolder.isFolder(folder + "/" + name)
        // A patch leaves what undoes it beside some formats.
        && (belongs(name) || name.hasSuffix(WeightFile.sidecarPath(of: ""))
          || WeightFileName.isWeightFile(name) || name.hasSuffix(".index.json")
          || name.hasSuffix(KerasShards.ending))
    }
    return names.contains(where: WeightFileName.isWeightFile)
      && names.allSatisfy { name in
        let inner = folder + "/" + name
        guard ModelFolder.isFolder(inner) else { return isKnown(name, in: folder) }
        let all = try? FileManager.default.contentsOfDirectory(atPath: inner)
        return all?.allSatisfy { isKnown($0, in: inner) } ?? false
      }
  }
}
