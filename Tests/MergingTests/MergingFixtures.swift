import Catalogs
import Foundation
import Merging
import Support
import Tensors
import WeightFiles

/// The files that `Fixtures/make_fixtures.py` made.
enum MergingFixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures").path

  /// A file's tensors: of Float64, as they are; by name.
  static func values(_ file: String) async throws -> [String: [Double]] {
    let opened = try await WeightFile.open("\(folder)/\(file)")
    return Dictionary(
      uniqueKeysWithValues: try opened.catalog.tensors.map { entry in
        (entry.name, doubles(try opened.readBytes(entry)))
      })
  }

  static func doubles(_ bytes: [UInt8]) -> [Double] {
    bytes.withUnsafeBytes { raw in
      (0..<(raw.count / 8)).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
    }
  }

  /// Writes the tensors of one model of a fixture to a file of its own, and opens it.
  ///
  /// - Parameters:
  ///   - type: what U16 elements of the fixture are.
  static func model(
    _ model: String, of file: String, in folder: String, as type: ElementType? = nil
  ) async throws -> WeightFile {
    let opened = try await WeightFile.open("\(MergingFixtures.folder)/\(file)")
    var contents = ModelContents()
    for entry in opened.catalog.tensors where entry.name.hasPrefix(model + "/") {
      let bytes = try opened.readBytes(entry)
      contents.add(
        String(entry.name.dropFirst(model.count + 1)), shape: entry.shape,
        as: type ?? entry.elementType
      ) { bytes }
    }
    let path = "\(folder)/\(model)-\(UUID().uuidString).safetensors"
    try contents.write(to: path)
    return try await WeightFile.open(path)
  }

  /// Calls `body` with a new folder, and removes it.
  static func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "merging-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
  }

  /// Merges files into one, and reads it.
  static func merge(
    _ models: [WeightFile], base: WeightFile?, _ recipe: MergeRecipe, in folder: String,
    jobs: Int? = nil
  ) async throws -> WeightFile {
    var merger = try Merger(
      models.map { MergeInput($0) }, base: base.map { MergeInput($0) }, recipe: recipe)
    try merger.prepare(jobs: jobs)
    let path = "\(folder)/merged-\(UUID().uuidString).safetensors"
    try await models[0].writeCopy(
      to: path, computing: merger.replacements, WritingOptions(jobs: jobs), inputs: models)
    return try await WeightFile.open(path)
  }
}
