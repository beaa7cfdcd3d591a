import Catalogs
import Formats
import Foundation
public import Networks
import Support
import WeightFiles

/// Where data sets come from: built-in names and files.
///
/// - `digits`: the handwritten digits of UCI, 8 × 8, in the package.
/// - An HDF5 file with `train/images`, `train/labels`, `test/images`, `test/labels`, or `images` and
///   `labels` at the root, which then serve for both splits.
/// - A NumPy archive (`.npz`) with the same names, `x_train` and `y_train`, `train_images` and
///   `train_labels`, or, for both splits, `x` and `y`, `X` and `y`, `data` and `labels`, `arr_0` and
///   `arr_1`. Examples alone, under these names or as `.npy`, have no labels.
/// - A CSV file, for both splits, or a folder with `train.csv` and `test.csv` (`CSVFile`).
/// - A folder of PNG and JPEG images, a folder for each class (`ImageFolder`).
/// - CIFAR's folder of pickled batches, or one of these (`CIFARBatches`).
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
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw Diagnostic(
          .noInput, "there is no such data set",
          remedy:
            "give `digits`, or the path of an HDF5, .npz, CSV or IDX file, or of a folder of images; in "
            + "Python: np.savez('data.npz', x_train=…, y_train=…, x_test=…, y_test=…)"
        )
      }
      return isFolder.boolValue
        ? try folder(path, split: split) : try await file(path, split: split)
    } catch let error as Diagnostic {
      throw error.inside(nameOrPath)
    }
  }

  private static func file(_ path: String, split: Split) async throws -> Dataset {
    let start = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).read(upToCount: 8)
    let magic = [UInt8](start ?? Data())
    if magic.starts(with: [0x89] + Array("HDF\r\n".utf8)) {
      return try dataset(try await hierarchical(path, split: split))
    }
    if magic.starts(with: Array("PK".utf8)) {
      return try dataset(try archived(path, split: split))
    }
    if magic.starts(with: [0x93] + Array("NUMPY".utf8)) {
      return try dataset((try NumPyFile.read(try bytes(of: path)), nil))
    }
    if magic.first == 0x80 { return try batches([path]) }
    let name = (path as NSString).lastPathComponent
    if ["csv", "tsv"].contains((path as NSString).pathExtension.lowercased()) {
      return try CSVFile(try bytes(of: path)).dataset()
    }
    let folder = path.folderOfPath
    guard name.contains("images") else {
      throw Diagnostic(
        .badData, "this is no HDF5, .npz, .npy, .csv or IDX file of images, and no batch of CIFAR",
        remedy: "give the file of the images, or the folder")
    }
    if !name.hasPrefix("train") && !name.hasPrefix("t10k") {
      return try dataset((try indexed(path), try indexed(sibling(of: name, in: folder))))
    }
    return try dataset(try foldered(folder.isEmpty ? "." : folder, split: split))
  }

  private static func folder(_ path: String, split: Split) throws -> Dataset {
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    func full(_ name: String) -> String { (path as NSString).appendingPathComponent(name) }
    if let files = CIFARBatches.files(names, split: split) { return try batches(files.map(full)) }
    let tables = Split.allCases.map { "\($0.rawValue).csv" }
    if tables.contains(where: names.contains) {
      guard names.contains("\(split.rawValue).csv") else {
        throw Diagnostic(.noInput, "the folder has no \(split.rawValue).csv")
      }
      // Both parts number the names of their classes alike.
      let classes = try tables.filter(names.contains).flatMap {
        try CSVFile(try bytes(of: full($0))).classNames
      }
      return try CSVFile(try bytes(of: full("\(split.rawValue).csv"))).dataset(classes: classes)
    }
    let isIndexed = names.contains { $0.contains("idx") || $0.contains("ubyte") }
    if !isIndexed, let images = try ImageFolder(path, split: split) { return try images.dataset() }
    return try dataset(try foldered(path, split: split))
  }

  private static func batches(_ paths: [String]) throws -> Dataset {
    let (images, classes) = try CIFARBatches.read(paths)
    var result = try Dataset(
      examples: try images.pixels(), exampleShape: Array(images.shape.dropFirst()), labels: classes)
    result.isDivided = true
    return result
  }

  // MARK: HDF5

  private static func hierarchical(
    _ path: String, split: Split
  ) async throws -> (images: NumericArray, labels: NumericArray?) {
    let file = try await WeightFile.open(path)
    let names = Set(file.catalog.tensors.map(\.name))
    let (images, labels) = try choose(names, split: split)
    func read(_ name: String) throws -> NumericArray {
      let entry = try file.entry(named: name)
      return NumericArray(
        shape: entry.shape, elementType: entry.elementType, bytes: try file.readBytes(entry))
    }
    return (try read(images), try labels.map(read))
  }

  // MARK: NumPy

  private static func archived(
    _ path: String, split: Split
  ) throws -> (images: NumericArray, labels: NumericArray?) {
    let archive = try NumPyArchive(try bytes(of: path))
    let (images, labels) = try choose(Set(archive.names), split: split)
    return (try archive.array(images), try labels.map(archive.array))
  }

  // MARK: Common

  static func bytes(of path: String) throws -> [UInt8] {
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    try MachineMemory.check(size ?? 0)
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe))
    } catch {
      throw Diagnostic(.noInput, "the file cannot be read")
    }
  }

  private static func dataset(
    _ arrays: (images: NumericArray, labels: NumericArray?)
  ) throws -> Dataset {
    let (images, labels) = arrays
    guard images.shape.count >= 2 else {
      throw Diagnostic(.badData, "examples of shape \(images.shape) have nothing but their number")
    }
    if let labels, labels.shape.first != images.shape[0] {
      throw Diagnostic(
        .badData,
        "images of shape \(images.shape) do not go with \(labels.shape.first ?? 1) labels")
    }
    var result = try Dataset(
      examples: try images.pixels(), exampleShape: Array(images.shape.dropFirst()),
      answers: try labels.map { try $0.answers() })
    result.isDivided = images.isPixels
    return result
  }

  /// The file in the package's resources, which lie beside the executable.
  private static func digitsPath() throws -> String {
    let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    let folders = [folder, Bundle.main.bundleURL].compactMap { $0 }
    for place in folders {
      let file = place.appendingPathComponent("wsl_Datasets.resources/digits.h5")
      if FileManager.default.fileExists(atPath: file.path) { return file.path }
    }
    guard let file = Bundle.module.url(forResource: "digits", withExtension: "h5") else {
      throw Diagnostic(
        .noInput, "the built-in data set is missing",
        remedy: "keep the folder wsl_Datasets.resources beside the executable")
    }
    return file.path
  }
}
