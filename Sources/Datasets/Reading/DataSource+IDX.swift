import Archives
import Foundation
import Support

/// MNIST's four files.
extension DataSource {
  static func foldered(
    _ folder: String, split: Split
  ) throws -> (images: NumericArray, labels: NumericArray?) {
    let prefix = split == .train ? "train" : "t10k"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    func find(_ part: String) throws -> String {
      guard let name = names.first(where: { $0.hasPrefix(prefix) && $0.contains(part) }) else {
        throw Diagnostic(
          .noInput, "the folder has no \(prefix)-\(part)-… file",
          remedy:
            "it needs the four IDX files of MNIST, CIFAR's batches, train.csv and test.csv, or a "
            + "folder of images for each class")
      }
      return (folder as NSString).appendingPathComponent(name)
    }
    return (try indexed(find("images")), try indexed(find("labels")))
  }

  static func sibling(of name: String, in folder: String) throws -> String {
    let label = name.replacingOccurrences(of: "images", with: "labels")
    let candidates = [label, label.replacingOccurrences(of: "idx3", with: "idx1")]
      .map { (folder as NSString).appendingPathComponent($0) }
    guard let path = candidates.last(where: FileManager.default.fileExists(atPath:)) else {
      throw Diagnostic(.noInput, "the file of the labels, \(label), is missing")
    }
    return path
  }

  static func indexed(_ path: String) throws -> NumericArray {
    do {
      let stored = try OpenFile(reading: path)
      let file = try CompressedFile.inflated(stored) ?? stored
      try MachineMemory.check(file.byteCount)
      return try IDXFile.read(try file.bytes(at: 0, count: file.byteCount))
    } catch var error as Diagnostic {
      error.location.removeAll { $0 == path }
      throw error.inside((path as NSString).lastPathComponent)
    }
  }
}
