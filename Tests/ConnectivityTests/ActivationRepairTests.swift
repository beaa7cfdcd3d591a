import LinearAlgebra
import ModelGraph
import Networks
import Support
import Tensors
import Testing

@testable import Connectivity

@Suite("REPAIR of plain networks")
struct ActivationRepairTests {
  private func data(_ shape: [Int], count: Int = 300) throws -> Dataset {
    var generator = SeededGenerator(seed: 5)
    return try Dataset(
      examples: (0..<count * shape.reduce(1, *)).map { _ in Float(generator.normal() + 0.3) },
      exampleShape: shape, labels: (0..<count).map { Int32($0 % 2) })
  }

  @Test("hidden units get the mean of their means and of their standard deviations")
  func goals() throws {
    let graph = try RepairTests.plain()
    let data = try data([2, 2, 2])
    let repair = try ActivationRepair(graph: graph, dataset: data)
    #expect(repair.tensors == ["conv/kernel", "conv/bias", "hidden/kernel", "hidden/bias"])
    let (a, b) = (RepairTests.weights(graph, 1), RepairTests.weights(graph, 2))
    func measured(_ weights: Weights) throws -> [String: ChannelStatistics] {
      try ChannelStatistics.measure(
        graph: graph, weights: weights, layers: ["conv", "hidden"], on: data)
    }
    let ends = (try measured(a), try measured(b))
    for t in [0.25, 0.5] {
      let mixed = LinearPath.point(a, b, at: t)
      let repaired = try repair.repaired(mixed, of: [(a, 1 - t), (b, t)])
      let found = try measured(repaired)
      let before = try measured(mixed)
      for layer in ["conv", "hidden"] {
        let (x, y) = (try #require(ends.0[layer]), try #require(ends.1[layer]))
        let (own, old) = (try #require(found[layer]), try #require(before[layer]))
        for channel in own.means.indices {
          let mean = (1 - t) * x.means[channel] + t * y.means[channel]
          let deviation = (1 - t) * x.deviations[channel] + t * y.deviations[channel]
          #expect(abs(own.means[channel] - mean) < 1e-4)
          #expect(abs(own.deviations[channel] - deviation) < 1e-4)
        }
        #expect(old != own)
      }
      for name in ["logits/kernel", "logits/bias"] { #expect(repaired[name] == mixed[name]) }
    }
  }

  @Test("the ends stay as they are, and a network and itself make that network")
  func ends() throws {
    let graph = try RepairTests.plain()
    let repair = try ActivationRepair(graph: graph, dataset: data([2, 2, 2]), jobs: 1)
    let (a, b) = (RepairTests.weights(graph, 1), RepairTests.weights(graph, 2))
    #expect(try repair.repaired(a, of: [(a, 1), (b, 0)]) == a)
    let same = try repair.repaired(a, of: [(a, 0.5), (a, 0.5)])
    for (name, tensor) in a {
      for (x, y) in zip(tensor.values, same[name]?.values ?? []) { #expect(abs(x - y) < 1e-4) }
    }
  }

  /// A dense layer's output has the mean W·(mean input) + b.
  @Test("statistics are those of the layer's output", arguments: [1, 7, 512])
  func statistics(_ batchSize: Int) throws {
    let graph = try RepairTests.normalized()
    let weights = RepairTests.weights(graph, 3)
    let data = try data([4], count: 50)
    let found = try #require(
      ChannelStatistics.measure(
        graph: graph, weights: weights, layers: ["hidden"], on: data, batchSize: batchSize)[
          "hidden"])
    let kernel = try #require(weights["hidden/kernel"]?.values.map { Double($0) })
    let bias = try #require(weights["hidden/bias"]?.values.map { Double($0) })
    for unit in 0..<3 {
      let outputs = (0..<50).map { example in
        (0..<4).reduce(bias[unit]) {
          $0 + Double(data.examples[example * 4 + $1]) * kernel[$1 * 3 + unit]
        }
      }
      let mean = outputs.reduce(0, +) / 50
      let variance = outputs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 50
      #expect(abs(found.means[unit] - mean) < 1e-5)
      #expect(abs(found.deviations[unit] - variance.squareRoot()) < 1e-5)
    }
  }

  @Test("what cannot be repaired is refused, and the right repair named")
  func refusals() throws {
    let normalized = try RepairTests.normalized()
    let error = #expect(throws: Diagnostic.self) {
      try ActivationRepair(graph: normalized, dataset: data([4]))
    }
    #expect(error?.description.contains("reset") == true)
    var plain = try RepairTests.plain()
    for index in plain.layers.indices {
      plain.layers[index].parameters.removeAll { $0.tensor == "hidden/bias" }
    }
    let unbiased = #expect(throws: Diagnostic.self) {
      try ActivationRepair(graph: plain, dataset: data([2, 2, 2]))
    }
    #expect(unbiased?.description.contains("rescale") == true)
  }
}
