import Foundation
import WorkbenchCore
import Zoo

/// The weight files that a zoo command is given.
enum ZooFiles {
  private static let endings: Set<String> = [
    "h5", "hdf5", "keras", "safetensors", "npz", "npy", "pt", "pth", "pt2", "onnx", "gguf",
  ]

  /// A file, or all weight files below a folder in the order of their names, each with its path from
  /// there.
  ///
  /// - Throws: `Diagnostic` of code `noInput`.
  static func find(_ path: String) throws -> [ZooPacker.Input] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Diagnostic(
        .noInput, "there is no such file or folder", at: [path], remedy: "check the path")
    }
    guard isFolder.boolValue else {
      return [ZooPacker.Input(path: path, name: (path as NSString).lastPathComponent)]
    }
    let names: [String]
    do { names = try FileManager.default.subpathsOfDirectory(atPath: path) } catch {
      throw Diagnostic(
        .noInput, "the folder cannot be read", at: [path],
        remedy: "check the path and its permissions")
    }
    return names.sorted().compactMap { name in
      guard endings.contains((name as NSString).pathExtension.lowercased()) else { return nil }
      return ZooPacker.Input(path: (path as NSString).appendingPathComponent(name), name: name)
    }
  }

  /// Whether a path stays below the folder that it is put into.
  static func isPlainPath(_ path: String) -> Bool {
    let steps = path.split(separator: "/", omittingEmptySubsequences: false)
    return !path.utf8.contains(0) && steps.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }
}
