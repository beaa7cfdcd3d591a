import Catalogs
public import Tensors

extension ModelGraph {
  /// The graph with the units around kernels held that are equal to the last bit: two names of one
  /// layer that is used twice, or a table that a library ties to the last kernel when it loads the file.
  /// Training never ends with two equal kernels.
  ///
  /// - Parameter weights: the network's tensors, under the names of its file.
  /// - Complexity: O(kernels), and O(elements) of kernels that begin alike.
  public func holdingEqualKernels(in weights: Weights) -> ModelGraph {
    guard certainty != .declared else { return self }
    var seen: [KernelKey: [Int]] = [:]
    var graph = self
    for (index, layer) in layers.enumerated() {
      guard let kernel = layer.kernelOrTable, let tensor = weights[kernel.tensor],
        tensor.values.count > 1, Set(tensor.values.prefix(64)).count > 1
      else { continue }
      let key = KernelKey(shape: tensor.shape, head: Array(tensor.values.prefix(8)))
      let equal = seen[key, default: []].first { other in
        guard let name = layers[other].kernelOrTable?.tensor, name != kernel.tensor,
          // What is one tensor in the file moves as one.
          !sharedStorage.contains(where: {
            $0.names.contains(name) && $0.names.contains(kernel.tensor)
          })
        else { return false }
        return weights[name]?.values == tensor.values
      }
      seen[key, default: []].append(index)
      if let equal { graph.hold(around: [equal, index]) }
    }
    return graph
  }

  /// The layer with weights, or of several inputs, that makes what a layer hands on.
  private func maker(of index: Int) -> Int {
    var current = index
    while layers[current].parameters.isEmpty, layers[current].inputs.count == 1 {
      current = layers[current].inputs[0]
    }
    return current
  }

  /// What kernels that may be equal share.
  private struct KernelKey: Hashable {
    var shape: [Int]
    var head: [Float]
  }

  private mutating func hold(around pair: [Int]) {
    for index in pair {
      for layer in [index] + layers[index].inputs.map(maker) where !heldLayers.contains(layer) {
        heldLayers.append(layer)
      }
    }
    let names = pair.map { layers[$0].name }
    assumptions.append(
      Assumption(
        .sharing, "\(names[0]) and \(names[1]) hold the same weights: one layer may be used twice",
        layers: names, tensors: pair.flatMap { layers[$0].parameters.map(\.tensor) },
        alternatives: ["one layer used twice"], effect: .held, settledBy: [.row]))
  }
}

extension Layer {
  /// What it multiplies by, or looks up.
  fileprivate var kernelOrTable: Parameter? { parameter(.kernel) ?? parameter(.embeddings) }
}
