import Catalogs
import Foundation
import LinearAlgebra
import Support
import Tensors
import WeightFiles

@testable import ZooIndex

/// A folder of models of its own, with an index beside it, removed at the end.
final class IndexFolder: Sendable {
  let root: String
  var zoo: String { root + "/zoo" }
  var index: String { root + "/index.sqlite" }

  init() throws {
    root =
      FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appendingPathComponent("wsl-index-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: root + "/zoo", withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  /// The tensors of a small network, drawn.
  static func weights(seed: UInt64, width: Int = 8) -> [(String, Tensor)] {
    var generator = SeededGenerator(seed: seed)
    func tensor(_ shape: [Int]) -> Tensor {
      Tensor(
        shape: shape,
        values: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) })
    }
    return [
      ("0.weight", tensor([width, 6])), ("0.bias", tensor([width])),
      ("2.weight", tensor([3, width])), ("2.bias", tensor([3])),
    ]
  }

  /// Writes a model.
  func write(
    _ name: String, seed: UInt64, width: Int = 8, attributes: [String: Catalog.Attribute] = [:],
    compression: HDF5Document.Compression = .none
  ) throws {
    let path = zoo + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    var document = HDF5Document()
    for (name, tensor) in Self.weights(seed: seed, width: width) { document.add(name, tensor) }
    document.attributes[""] = attributes
    try document.write(to: path, compression: compression, overwrites: true, jobs: 1)
  }

  /// Writes a text file.
  func write(_ text: String, to name: String) throws {
    let path = root + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Brings the index up to date.
  @discardableResult
  func update(
    _ options: Indexer.Options = Indexer.Options(), paths: [String]? = nil
  ) async throws -> IndexSummary {
    let index = try ZooIndex.open(writing: index, creates: true)
    let summary = try await Indexer(index, options: options).update(paths ?? [zoo])
    try index.close()
    return summary
  }

  /// The rows of a question, cells joined by a bar.
  func ask(_ columns: String, where filter: String? = nil, of subject: IndexQuery.Subject = .models)
    throws -> [String]
  {
    let index = try ZooIndex.open(reading: index)
    var query = IndexQuery()
    query.subject = subject
    query.filter = filter
    query.columns = columns.split(separator: " ").map(String.init)
    return try index.ask(query).rows.map { $0.map(\.text).joined(separator: "|") }
  }
}
