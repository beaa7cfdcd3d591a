import Foundation
import Support
import ZooIndex

/// The weight files that a zoo command is given.
enum ZooFiles {
  private static let endings: Set<String> = [
    "h5", "hdf5", "keras", "safetensors", "npz", "npy", "pt", "pth", "pt2", "onnx", "gguf",
  ]

  /// What was found, and what cannot be taken.
  struct Found {
    var models: [ZooPacker.Input] = []
    /// The paths of files and folders whose names cannot be kept, and why.
    var leftOut: [(path: String, reason: String)] = []
  }

  /// A file, or all weight files below a folder in the order of their names, each with its path from
  /// there.
  ///
  /// - Throws: `Diagnostic` of code `noInput`.
  static func find(_ path: String) throws -> Found {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Diagnostic(
        .noInput, "there is no such file or folder", at: [path], remedy: "check the path")
    }
    guard isFolder.boolValue else {
      return Found(models: [
        ZooPacker.Input(path: path, name: (path as NSString).lastPathComponent)
      ])
    }
    var found = Found()
    try visit(path, below: "", &found)
    found.models.sort { $0.name < $1.name }
    found.leftOut.sort { $0.path < $1.path }
    return found
  }

  private static func visit(_ root: String, below folder: String, _ found: inout Found) throws {
    let place = folder.isEmpty ? root : (root as NSString).appendingPathComponent(folder)
    let listing = try FolderListing(of: place)
    func isModel(_ name: String) -> Bool {
      endings.contains((name as NSString).pathExtension.lowercased())
    }
    for item in listing.unnameable where item.isFolder || isModel(item.shown) {
      found.leftOut.append(
        ((place as NSString).appendingPathComponent(item.shown), FolderListing.reason))
    }
    for name in listing.names {
      let below = folder.isEmpty ? name : folder + "/" + name
      let path = (root as NSString).appendingPathComponent(below)
      // A link to a folder is none of ours: it may lead back.
      if (try? FileManager.default.attributesOfItem(atPath: path)[.type]) as? FileAttributeType
        == .typeDirectory
      {
        try visit(root, below: below, &found)
      } else if isModel(name) {
        found.models.append(ZooPacker.Input(path: path, name: below))
      }
    }
  }

  /// Whether a path stays below the folder that it is put into.
  static func isPlainPath(_ path: String) -> Bool {
    let steps = path.split(separator: "/", omittingEmptySubsequences: false)
    return !path.utf8.contains(0) && steps.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }
}
