import Datasets
import Foundation
import Networks
import Tensors
import Testing
import WeightFiles

@testable import ModelGraph
@testable import Workbench

/// Networks that are really trained under one reading of a row, and told apart by data.
@Suite("Data tell the readings of a file of weights alone apart", .serialized)
struct ReadingTests {
  /// A reading that networks are trained in, and the groups of units that it has.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var variation: RowVariation
    var activation = Activation.relu
    var groups: [[String]]
    var testDescription: String { name }
  }

  /// Boundaries: 0 the input, 1 fc1, 2 fc2, 3 fc3, 4 fc4.
  static let cases = [
    Case(name: "a row", variation: .row, groups: [["fc1"], ["fc2"], ["fc3"]]),
    Case(
      name: "a row of tanh", variation: .row, activation: .tanh,
      groups: [["fc1"], ["fc2"], ["fc3"]]),
    Case(
      name: "a shortcut around fc2",
      variation: RowVariation(shortcuts: [.init(from: 1, to: 2)]),
      groups: [["fc1", "fc2"], ["fc3"]]),
    Case(
      name: "a shortcut around fc2 and fc3, before the activation",
      variation: RowVariation(shortcuts: [.init(from: 1, to: 3)], addsBeforeActivation: true),
      groups: [["fc1", "fc3"], ["fc2"]]),
    Case(
      name: "fc2 used twice", variation: RowVariation(repeated: [2]),
      groups: [["fc1", "fc2"], ["fc3"]]),
  ]

  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "wsl-readings-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// Writes weights of a row 64 → 16 → 16 → 16 → 10 without any attribute.
  private func write(_ weights: Weights, to path: String) throws {
    var document = HDF5Document()
    for name in weights.keys.sorted() {
      if let tensor = weights[name] { document.add(name, tensor) }
    }
    try document.write(to: path)
  }

  private func zeros() -> Weights {
    var weights: Weights = [:]
    for (index, shape) in [[16, 64], [16, 16], [16, 16], [10, 16]].enumerated() {
      let count = shape.reduce(1, *)
      // All different, so that no two kernels look like one.
      weights["fc\(index + 1)/weight"] = Tensor(
        shape: shape, values: (0..<count).map { Float(index) + Float($0) / Float(count) })
      weights["fc\(index + 1)/bias"] = Tensor(
        shape: [shape[0]], values: [Float](repeating: 0, count: shape[0]))
    }
    return weights
  }

  @Test("the reading that networks were trained in is confirmed", arguments: cases)
  func told(_ example: Case) async throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let digits = try await DataSource.load("digits", split: .train)
    let template = folder.appending(path: "template.h5").path
    try write(zeros(), to: template)
    let readings = try #require(RowReadings(await WeightFile.open(template).catalog))
    #expect(readings.variations.contains(example.variation))
    let stated = GraphStatement(readings: [.activation(example.activation)])
    let graph = try readings.graph(example.variation, statement: stated)
    var paths: [String] = []
    for seed in [UInt64(1), 2] {
      let options = TrainingOptions(
        epochs: 15, batchSize: 64, learningRate: 0.005, seed: seed,
        initializer: example.activation == .tanh ? .glorotUniform : .heNormal)
      let trained = try Trainer.train(graph: graph, on: digits, options: options)
      paths.append(folder.appending(path: "\(seed).h5").path)
      try write(trained.weights, to: paths[paths.count - 1])
    }
    let guessed = try await LoadedPair.load(paths[0], paths[1], statement: .none, jobs: 1)
    #expect(guessed.certainty == .assumed && guessed.pair.groupsA.count == 3)
    let told = try guessed.toldApart(by: digits, statement: .none, jobs: 1)
    #expect(told.certainty == .confirmed, "\(told.assumptions)")
    let owners = told.pair.groupsA.map { group in
      Set(
        group.members.filter { $0.tensor.hasSuffix("/bias") }.map {
          String($0.tensor.prefix { $0 != "/" })
        }
      ).sorted()
    }
    #expect(owners == example.groups)
    // Labels that have nothing to do with the images tell nothing: every unit in doubt stays.
    var shuffled = digits
    shuffled.labels = digits.labels.indices.map { Int32($0 % 10) }
    let untold = try guessed.toldApart(by: shuffled, statement: .none, jobs: 1)
    #expect(untold.certainty == .assumed && untold.pair.groupsA.isEmpty)
    // What the user states is not asked again.
    let row = GraphStatement(readings: [.row])
    let taken = try await LoadedPair.load(paths[0], paths[1], statement: row, jobs: 1)
    #expect(try taken.toldApart(by: digits, statement: row, jobs: 1).pair.groupsA.count == 3)
  }

  @Test("variations of a row: the row first, none twice, too many are none at all")
  func variations() throws {
    let few = try #require(
      RowVariation.all(widths: [6, 8, 8, 3], sections: [0, 0, 0, 0]))
    #expect(few.first == .row && Set(few).count == few.count)
    #expect(few.count == 1 + 2 + 1)
    #expect(
      RowVariation.all(
        widths: Array(repeating: 8, count: 30), sections: Array(repeating: 0, count: 30))
        == nil)
  }
}
