import Catalogs
import Formats
import Foundation
public import Networks
import Support

/// Where data sets come from: built-in names and files.
///
/// - `digits`: the handwritten digits of UCI, 8 × 8, in the package.
/// - `austen`: the bytes of the first chapters of a novel (Jane Austen, "Northanger Abbey", 1817).
/// - An HDF5 file with `train/images`, `train/labels`, `test/images`, `test/labels`, or `images` and
///   `labels` at the root, which then serve for both splits.
/// - A NumPy archive (`.npz`) with the same names, `x_train` and `y_train`, `train_images` and
///   `train_labels`, or, for both splits, `x` and `y`, `X` and `y`, `data` and `labels`, `arr_0` and
///   `arr_1`. Examples alone, under these names or as `.npy`, have no labels.
/// - A CSV file, for both splits, or a folder with `train.csv` and `test.csv` (`CSVFile`).
/// - A folder of PNG and JPEG images, a folder for each class (`ImageFolder`).
/// - CIFAR's folder of pickled batches, or one of these (`CIFARBatches`).
/// - A text (`.txt`), whose bytes are tokens, or one row of integers (`.npy`, or under the name `tokens`):
///   windows of it (`TokenWindows`). Rows of equally many integers are windows already.
/// - A folder with MNIST's four IDX files, compressed or not, or the file of the images, beside
///   which that of the labels lies.
public struct DataSource {
  /// Which part of a data set.
  public enum Split: String, Sendable, Hashable, CaseIterable {
    case train
    case test
  }

  /// The names of the data sets in the package.
  public static let builtIns: Set<String> = ["austen", "digits"]

  /// Loads a data set. Integer pixels are divided by 255, floats are taken as they are.
  ///
  /// - Parameters:
  ///   - nameOrPath: `digits`, or the path of a file or a folder.
  ///   - split: which part.
  ///   - window: how many tokens a window of one long row has; nil for the usual number.
  /// - Throws: `Diagnostic` where there is no such data set or it is damaged.
  public static func load(
    _ nameOrPath: String, split: Split, window: Int? = nil
  ) async throws -> Dataset {
    do {
      let path =
        nameOrPath == "digits"
        ? try resourcePath("digits", "h5")
        : nameOrPath == "austen" ? try resourcePath("austen", "txt") : nameOrPath
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw Diagnostic(
          .noInput, "there is no such data set",
          remedy:
            "give `digits`, `austen`, or the path of an HDF5, .npz, CSV, IDX or text file, or of a folder of images; in "
            + "Python: np.savez('data.npz', x_train=…, y_train=…, x_test=…, y_test=…)"
        )
      }
      return isFolder.boolValue
        ? try folder(path, split: split) : try await file(path, split: split, window: window)
    } catch let error as Diagnostic {
      throw error.inside(nameOrPath)
    }
  }

  private static func file(_ path: String, split: Split, window: Int?) async throws -> Dataset {
    let start = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).read(upToCount: 8)
    let magic = [UInt8](start ?? Data())
    if magic.starts(with: [0x93] + Array("NUMPY".utf8)) {
      let array = try await NamedArrays(path).array(NamedArrays.loneName)
      return try array.tokenWindows(window, split: split) ?? dataset((array, nil))
    }
    let isArchive = magic.starts(with: Array("PK".utf8))
    if isArchive || magic.starts(with: [0x89] + Array("HDF\r\n".utf8)) {
      let file = try await NamedArrays(path)
      let (images, labels) = try choose(file.names, split: split)
      let arrays = (images: try file.array(images), labels: try labels.map(file.array))
      let tokens = isArchive ? try arrays.images.tokenWindows(window, split: split) : nil
      return try tokens ?? dataset(arrays)
    }
    if magic.first == 0x80 { return try batches([path]) }
    let name = (path as NSString).lastPathComponent
    if ["csv", "tsv"].contains((path as NSString).pathExtension.lowercased()) {
      return try CSVFile(try bytes(of: path)).dataset()
    }
    if ["txt", "text"].contains((path as NSString).pathExtension.lowercased()) {
      return try TokenWindows.dataset(text: try bytes(of: path), length: window, split: split)
    }
    let folder = path.folderOfPath
    guard name.contains("images") else {
      throw Diagnostic(
        .badData, "this is no HDF5, .npz, .npy, .csv, .txt or IDX file, and no batch of CIFAR",
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

  /// A file in the package's resources, which lie beside the executable.
  private static func resourcePath(_ name: String, _ ending: String) throws -> String {
    let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    let folders = [folder, Bundle.main.bundleURL].compactMap { $0 }
    for place in folders {
      let file = place.appendingPathComponent("wsl_Datasets.resources/\(name).\(ending)")
      if FileManager.default.fileExists(atPath: file.path) { return file.path }
    }
    guard let file = Bundle.module.url(forResource: name, withExtension: ending) else {
      throw Diagnostic(
        .noInput, "the built-in data set is missing",
        remedy: "keep the folder wsl_Datasets.resources beside the executable")
    }
    return file.path
  }
}

extension NumericArray {
  /// Windows of one long row of integers; nil for an array of another kind.
  fileprivate func tokenWindows(_ length: Int?, split: DataSource.Split) throws -> Dataset? {
    guard shape.count == 1, isPixels else { return nil }
    return try TokenWindows.dataset(try numbers(), length: length, split: split)
  }
}
