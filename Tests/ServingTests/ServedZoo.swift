import Catalogs
import Foundation
import LinearAlgebra
import Support
import Tensors
import WeightFiles
import ZooIndex

@testable import Serving

/// A zoo of twelve models with an index, made once for all tests and removed with the process's folder.
///
/// `m0` … `m9` have a seed, a group, an accuracy that grows with the seed; `m1` … `m3` were made from `m0`,
/// which has a history. Two are called as if they were markup.
final class ServedZoo: Sendable {
  static let hostile = ["<script>alert(1)</script>", "\"><img src=x onerror='alert(2)'>"]

  let root: String
  var index: String { root + "/index.sqlite" }

  private static let made = Task { try await ServedZoo() }

  /// The zoo.
  static func shared() async throws -> ServedZoo { try await made.value }

  private init() async throws {
    root =
      FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appendingPathComponent("wsl-serve-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: root + "/zoo", withIntermediateDirectories: true)
    for seed in 0..<10 {
      var attributes: [String: Catalog.Attribute] = [
        "name": .string("m\(seed)"), "seed": .numbers([Double(seed)]),
        "group": .string(seed % 2 == 0 ? "even" : "odd"),
        "test_accuracy": .numbers([0.5 + 0.05 * Double(seed)]),
        "learning_rate": .numbers([pow(10, -Double(seed) / 3)]),
      ]
      if (1...3).contains(seed) { attributes["parent"] = .string("m0") }
      if seed == 0 {
        attributes["history_train_loss"] = .numbers([3, 2, 1])
        attributes["history_test_loss"] = .numbers([3, 2.5, 2])
        attributes["history_learning_rate"] = .numbers([0.1, 0.1, 0.01])
      }
      try write("m\(seed).h5", seed: UInt64(seed), attributes)
    }
    for (number, name) in Self.hostile.enumerated() {
      try write(
        "h\(number).h5", seed: UInt64(100 + number),
        ["name": .string(name), "note": .string(name), "group": .string(name)], tensor: name)
    }
    try Data("this is no model".utf8).write(to: URL(fileURLWithPath: root + "/zoo/broken.h5"))
    let zoo = try ZooIndex.open(writing: index, creates: true)
    _ = try await Indexer(zoo, options: Indexer.Options()).update([root + "/zoo"])
    _ = try await ZooScanner(options: .init(metrics: [StatisticsMetric(), NormsMetric()])).scan(zoo)
    try zoo.close()
  }

  private func write(
    _ name: String, seed: UInt64, _ attributes: [String: Catalog.Attribute],
    tensor: String = "2.weight"
  ) throws {
    var generator = SeededGenerator(seed: seed)
    var document = HDF5Document()
    for (name, shape) in [("0.weight", [4, 6]), ("0.bias", [4]), (tensor, [3, 4])] {
      document.add(
        name,
        Tensor(
          shape: shape,
          values: (0..<shape.reduce(1, *)).map { _ in
            Float.random(in: -1...1, using: &generator)
          }))
    }
    document.attributes[""] = attributes
    try document.write(
      to: root + "/zoo/" + name, compression: .none, overwrites: true, jobs: 1)
  }

  /// The pages of it.
  func site(_ access: Access = .thisMachine) throws -> Site {
    try Site(index: index, access: access, readers: 2)
  }

  /// An answer of its pages.
  func get(_ path: String, _ query: [(String, String)] = [], cookie: String? = nil) async throws
    -> Response
  {
    let items = query.map { (name: $0.0, value: $0.1) }
    return try await site().respond(
      to: Request(Query(items).address(path), host: "127.0.0.1:8080", cookie: cookie))
  }
}
