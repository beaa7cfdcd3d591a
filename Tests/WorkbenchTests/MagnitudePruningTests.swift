import ModelGraph
import Tensors
import Testing

@testable import Workbench

/// Which weights are pruned.
@Suite("Pruning by magnitude")
struct MagnitudePruningTests {
  /// 3 → 4 → 2, with biases.
  private func network() throws -> ModelGraph {
    var builder = ModelGraph.Builder(source: "test", channelOrder: .first)
    var last = try builder.input(shape: [3])
    for (name, width, units) in [("a", 3, 4), ("b", 4, 2)] {
      last = try builder.add(
        name, .dense(units: units), inputs: [last],
        parameters: [
          Parameter(
            role: .kernel, tensor: name + ".weight", shape: [units, width],
            axes: [.output, .input]),
          Parameter(role: .bias, tensor: name + ".bias", shape: [units], axes: [.output]),
        ])
    }
    return try builder.finish(outputs: [last])
  }

  private func weights() -> Weights {
    func values(_ count: Int, _ step: Int) -> [Float] {
      (0..<count).map { Float(($0 * step) % 13 - 6) / 8 }
    }
    return [
      "a.weight": Tensor(shape: [4, 3], values: values(12, 5)),
      "a.bias": Tensor(shape: [4], values: [0.01, -0.01, 0, 0.02]),
      "b.weight": Tensor(shape: [2, 4], values: values(8, 7)),
      "b.bias": Tensor(shape: [2], values: [0.001, 0]),
    ]
  }

  /// Sorting says the same, with signs, ties and zeros among the weights.
  @Test("just the least of all kernels together", arguments: [0, 0.05, 0.3, 0.5, 0.77, 0.95, 1])
  func least(sparsity: Double) throws {
    let (graph, weights) = (try network(), weights())
    let found = MagnitudePruning.pruned(weights, of: graph, sparsity: sparsity)
    let names = ["a.weight", "b.weight"]
    let places = names.flatMap { name in
      (weights[name]?.values ?? []).enumerated().map { (name, $0, $1.magnitude) }
    }
    // A stable order: of equal ones the first.
    let order = places.indices.sorted { (places[$0].2, $0) < (places[$1].2, $1) }
    var expected = weights
    for index in order.prefix(Int(sparsity * 20)) {
      expected[places[index].0]?.values[places[index].1] = 0
    }
    #expect(found == expected)
  }
}
