import Catalogs
import Foundation
import ModelGraph
import Support
import Tensors
import Testing
import WeightFiles

/// The fixtures of this folder; `Fixtures/make_fixtures.py` and `make_torch_fixtures.py` made them.
enum Fixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures").path

  static func catalog(_ file: String) async throws -> Catalog {
    try await WeightFile.open("\(folder)/\(file)").catalog
  }

  static func graph(_ file: String) async throws -> ModelGraph {
    try ModelGraph(await catalog(file))
  }
}

extension Catalog {
  /// A catalogue without a file behind it.
  init(
    _ tensors: [(String, [Int])], config: String? = nil, version: String? = "2.11.0",
    texts: [String: [String: [String]]] = [:], documents: [String: String] = [:]
  ) {
    var attributes: [String: [String: Attribute]] = [:]
    if let config { attributes["", default: [:]]["model_config"] = .string(config) }
    if let version { attributes["", default: [:]]["keras_version"] = .string(version) }
    for (object, lists) in texts {
      for (name, list) in lists { attributes[object, default: [:]][name] = .strings(list) }
    }
    self.init(
      file: "made.h5", format: .hdf5, byteCount: 0,
      tensors: tensors.map {
        TensorEntry(name: $0.0, shape: $0.1, elementType: .float32, layout: .unallocated)
      }, attributes: attributes, documents: documents.mapValues { Array($0.utf8) })
  }
}

/// The message of the error that a piece of work throws.
func message(_ work: () throws -> Void) -> String {
  do {
    try work()
    return "no error"
  } catch { return "\(error)" }
}

/// A group in short: name, size, and every member as `tensor[axis]`, `!` for statistics.
func short(_ group: PermutationGroup) -> String {
  "\(group.name) \(group.size): "
    + group.members.map { "\($0.tensor)[\($0.axis)]" + ($0.isStatistic ? "!" : "") }
    .joined(separator: " ")
}

/// A small generator with a seed, so that a failure can be repeated.
struct RepeatableGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}

extension ModelGraph {
  /// The graph that a description in YAML makes of tensors.
  init(_ catalog: Catalog, describedBy text: String) throws {
    let scratch = try ScratchFolder(fileName: "graph.yaml")
    try text.write(toFile: scratch.file, atomically: true, encoding: .utf8)
    try self.init(catalog, statement: GraphStatement(file: scratch.file))
  }
}
