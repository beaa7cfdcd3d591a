import Foundation
import Networks
import Support

/// Images in folders named after their classes, as torchvision's `ImageFolder` reads them:
/// `train/cat/1.png`, `test/cat/7.jpg`, or `cat/1.png` for both parts. Classes are numbered in the order of
/// their names.
struct ImageFolder {
  /// The images and their classes.
  private let files: [(path: String, label: Int32)]
  private let classCount: Int
  /// Files that are no images by their names.
  private let leftOut: Int

  /// How many bytes of pixels are decoded at once, about.
  private static let batchByteCount = 32 << 20

  /// The names that the folder of a part may have.
  private static func folders(_ split: DataSource.Split) -> [String] {
    switch split {
    case .train: ["train", "training"]
    case .test: ["test", "val", "valid", "validation", "testing"]
    }
  }

  /// Lists a folder; nil where it has no folders of classes.
  init?(_ root: String, split: DataSource.Split) throws {
    let parts = Self.directories(root)
    func part(_ split: DataSource.Split) -> String? {
      Self.folders(split).first(where: parts.contains).map { root + "/" + $0 }
    }
    let hasParts = DataSource.Split.allCases.contains { part($0) != nil }
    guard !parts.isEmpty, let folder = hasParts ? part(split) : root else {
      if parts.isEmpty { return nil }
      throw Diagnostic(
        .noInput, "the folder has no folder \(Self.folders(split)[0])",
        remedy: "name it \(Self.folders(split).joined(separator: " or "))")
    }
    // Both parts count their classes alike.
    let classes = Self.directories(hasParts ? part(.train) ?? folder : folder)
    let own = Self.directories(folder)
    if let unknown = own.first(where: { !classes.contains($0) }) {
      throw Diagnostic(
        .badData, "the class \(unknown) has no folder among those of the training part")
    }
    var files: [(String, Int32)] = []
    var leftOut = 0
    for (label, name) in classes.enumerated() where own.contains(name) {
      let all = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/\(name)")
      // The files of a folder before those of the folders in it, as Python's walk has them.
      let keys = all.map { path in
        ((path as NSString).deletingLastPathComponent, (path as NSString).lastPathComponent, path)
      }
      for (_, _, path) in keys.sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }) {
        let full = "\(folder)/\(name)/\(path)"
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder),
          !isFolder.boolValue
        else { continue }
        let kind = (path as NSString).pathExtension.lowercased()
        if ["png", "jpg", "jpeg"].contains(kind) {
          files.append((full, Int32(label)))
        } else {
          leftOut += 1
        }
      }
    }
    guard !files.isEmpty else {
      throw Diagnostic(
        .badData, "the folders hold no PNG or JPEG images", at: [folder],
        remedy: "it needs a folder for each class, with .png, .jpg or .jpeg files")
    }
    self.files = files
    self.leftOut = leftOut
    classCount = classes.count
  }

  /// Reads all images, which are of one size: height, width, and 3 channels unless all are grey.
  ///
  /// - Throws: `Diagnostic`: `badData` where an image is damaged or of another size; `failed` where all
  ///   together take more memory than there is or is allowed, before any is decoded.
  func dataset(jobs: Int? = nil) throws -> Dataset {
    let headers = try Parallel.map(count: files.count, jobs: jobs) { index in
      try located(files[index].path) { try ImageFile.header($0) }
    }
    let first = headers[0]
    if let odd = headers.indices.first(where: {
      headers[$0].width != first.width || headers[$0].height != first.height
    }) {
      throw Diagnostic(
        .badData,
        "it is \(headers[odd].width)×\(headers[odd].height) pixels, and \(files[0].path) is "
          + "\(first.width)×\(first.height)", at: [files[odd].path],
        remedy: "bring all images to the size that the network was trained on")
    }
    let channels = headers.contains { $0.channels == 3 } ? 3 : 1
    let (width, height) = (first.width, first.height)
    guard width * height <= 1 << 26 else {
      throw Diagnostic(
        .badData, "images of \(width)×\(height) pixels are too large", at: [files[0].path])
    }
    let size = width * height * channels
    let byteCount = (size * MemoryLayout<Float>.size).multipliedReportingOverflow(by: files.count)
    try MachineMemory.check(byteCount.overflow ? .max : byteCount.partialValue)
    var examples: [Float] = []
    examples.reserveCapacity(size * files.count)
    let batch = max(1, Self.batchByteCount / size)
    for start in stride(from: 0, to: files.count, by: batch) {
      let images = try Parallel.map(count: min(batch, files.count - start), jobs: jobs) { place in
        try located(files[start + place].path) {
          try ImageFile.pixels($0, channels: channels, size: size)
        }
      }
      for image in images { examples += image.lazy.map { Float($0) / 255 } }
    }
    var result = try Dataset(
      examples: examples, exampleShape: channels == 1 ? [height, width] : [height, width, 3],
      labels: files.map(\.label), classCount: classCount)
    result.isDivided = true
    if leftOut > 0 {
      result.notes.append(
        "\(leftOut) files of the folders are no PNG or JPEG images and are left out")
    }
    return result
  }

  private func located<Result>(
    _ path: String, _ body: ([UInt8]) throws -> Result
  ) throws -> Result {
    let bytes = try contents(path)
    do { return try body(bytes) } catch let error as Diagnostic { throw error.inside(path) }
  }

  private func contents(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Diagnostic(.noInput, "the image cannot be read", at: [path])
    }
    return [UInt8](data)
  }

  /// The folders in a folder, sorted by their bytes as Python sorts names.
  private static func directories(_ folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { name in
      var isFolder: ObjCBool = false
      return !name.hasPrefix(".")
        && FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
        && isFolder.boolValue
    }.sorted { Array($0.unicodeScalars).lexicographicallyPrecedes(Array($1.unicodeScalars)) }
  }
}
