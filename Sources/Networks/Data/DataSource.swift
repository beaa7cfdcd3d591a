import Foundation
import WeightFiles
import WorkbenchCore

/// Where data sets come from: built-in names and files.
///
/// - `digits`: the handwritten digits of UCI, 8 × 8, in the package.
/// - An HDF5 file with `train/images`, `train/labels`, `test/images`, `test/labels`, or `images` and
///   `labels` at the root, which then serve for both splits.
/// - A NumPy archive (`.npz`) with the same names, `x_train` and `y_train`, or `train_images` and
///   `train_labels`.
/// - A folder with MNIST's four IDX files, compressed or not, or the file of the images, beside
///   which that of the labels lies.
public struct DataSource {
  /// Which part of a data set.
  public enum Split: String, Sendable, Hashable, CaseIterable {
    case train
    case test
  }

  /// Loads a data set. Integer pixels are divided by 255, floats are taken as they are.
  ///
  /// - Parameters:
  ///   - nameOrPath: `digits`, or the path of a file or a folder.
  ///   - split: which part.
  /// - Throws: `Diagnostic` where there is no such data set or it is damaged.
  public static func load(_ nameOrPath: String, split: Split) async throws -> Dataset {
    do {
      let path = nameOrPath == "digits" ? try digitsPath() : nameOrPath
      let (images, labels) = try await arrays(path, split: split)
      return try dataset(images: images, labels: labels)
    } catch let error as Diagnostic {
      throw error.inside(nameOrPath)
    }
  }

  private static func arrays(
    _ path: String, split: Split
  ) async throws -> (images: NumericArray, labels: NumericArray) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Diagnostic(
        .noInput, "there is no such data set",
        remedy:
          "give `digits`, or the path of an HDF5, .npz or IDX file, or of a folder; in Python: "
          + "np.savez('data.npz', x_train=…, y_train=…, x_test=…, y_test=…)")
    }
    if isFolder.boolValue { return try foldered(path, split: split) }
    let start = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).read(upToCount: 8)
    let magic = [UInt8](start ?? Data())
    if magic.starts(with: [0x89] + Array("HDF\r\n".utf8)) {
      return try await hierarchical(path, split: split)
    }
    if magic.starts(with: Array("PK".utf8)) { return try archived(path, split: split) }
    let name = (path as NSString).lastPathComponent
    let folder = path.folderOfPath
    guard name.contains("images") else {
      throw Diagnostic(
        .badData, "this is no HDF5, .npz or IDX file of images",
        remedy: "give the file of the images, or the folder")
    }
    if !name.hasPrefix("train") && !name.hasPrefix("t10k") {
      return (try indexed(path), try indexed(sibling(of: name, in: folder)))
    }
    return try foldered(folder.isEmpty ? "." : folder, split: split)
  }

  // MARK: HDF5

  private static func hierarchical(
    _ path: String, split: Split
  ) async throws -> (images: NumericArray, labels: NumericArray) {
    let file = try await WeightFile.open(path)
    let names = Set(file.catalog.tensors.map(\.name))
    let (images, labels) = try choose(names, split: split)
    func read(_ name: String) throws -> NumericArray {
      let entry = try file.entry(named: name)
      return NumericArray(
        shape: entry.shape, elementType: entry.elementType, bytes: try file.readBytes(entry))
    }
    return (try read(images), try read(labels))
  }

  // MARK: NumPy

  private static func archived(
    _ path: String, split: Split
  ) throws -> (images: NumericArray, labels: NumericArray) {
    let archive = try NumPyArchive(try bytes(of: path))
    let (images, labels) = try choose(Set(archive.names), split: split)
    return (try archive.array(images), try archive.array(labels))
  }

  private static func choose(
    _ names: Set<String>, split: Split
  ) throws -> (images: String, labels: String) {
    let part = split.rawValue
    let pairs = [
      ("\(part)/images", "\(part)/labels"), ("\(part)_images", "\(part)_labels"),
      ("x_\(part)", "y_\(part)"), ("X_\(part)", "y_\(part)"), ("images", "labels"), ("x", "y"),
    ]
    guard let pair = pairs.first(where: { names.contains($0.0) && names.contains($0.1) }) else {
      let present = names.sorted().prefix(8).joined(separator: ", ")
      throw Diagnostic(
        .badData, "there are no \(part) images and labels (the file has \(present))",
        remedy: "name them \(part)/images and \(part)/labels")
    }
    return pair
  }

  // MARK: IDX

  private static func foldered(
    _ folder: String, split: Split
  ) throws -> (images: NumericArray, labels: NumericArray) {
    let prefix = split == .train ? "train" : "t10k"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    func find(_ part: String) throws -> String {
      guard let name = names.first(where: { $0.hasPrefix(prefix) && $0.contains(part) }) else {
        throw Diagnostic(
          .noInput, "the folder has no \(prefix)-\(part)-… file",
          remedy: "it needs the four IDX files of MNIST")
      }
      return (folder as NSString).appendingPathComponent(name)
    }
    return (try indexed(find("images")), try indexed(find("labels")))
  }

  private static func sibling(of name: String, in folder: String) throws -> String {
    let label = name.replacingOccurrences(of: "images", with: "labels")
    let candidates = [label, label.replacingOccurrences(of: "idx3", with: "idx1")]
      .map { (folder as NSString).appendingPathComponent($0) }
    guard let path = candidates.last(where: FileManager.default.fileExists(atPath:)) else {
      throw Diagnostic(.noInput, "the file of the labels, \(label), is missing")
    }
    return path
  }

  private static func indexed(_ path: String) throws -> NumericArray {
    do { return try IDXFile.read(try bytes(of: path)) } catch let error as Diagnostic {
      throw error.inside((path as NSString).lastPathComponent)
    }
  }

  // MARK: Common

  private static func bytes(of path: String) throws -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe))
    } catch {
      throw Diagnostic(.noInput, "the file cannot be read")
    }
  }

  private static func dataset(images: NumericArray, labels: NumericArray) throws -> Dataset {
    let classes = try labels.labels()
    guard images.shape.count >= 2, images.shape[0] == classes.count else {
      throw Diagnostic(
        .badData, "images of shape \(images.shape) do not go with \(classes.count) labels")
    }
    return try Dataset(
      examples: try images.pixels(), exampleShape: Array(images.shape.dropFirst()),
      labels: classes)
  }

  /// The file in the package's resources, which lie beside the executable.
  private static func digitsPath() throws -> String {
    let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    let folders = [folder, Bundle.main.bundleURL].compactMap { $0 }
    for place in folders {
      let file = place.appendingPathComponent("wsl_Networks.resources/digits.h5")
      if FileManager.default.fileExists(atPath: file.path) { return file.path }
    }
    guard let file = Bundle.module.url(forResource: "digits", withExtension: "h5") else {
      throw Diagnostic(
        .noInput, "the built-in data set is missing",
        remedy: "keep the folder wsl_Networks.resources beside the executable")
    }
    return file.path
  }
}
