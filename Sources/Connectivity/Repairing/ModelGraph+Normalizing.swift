import ModelGraph

extension ModelGraph {
  /// The graph with a batch normalisation after each of some layers.
  ///
  /// - Parameters:
  ///   - places: the layers, in the order of `targets`.
  ///   - targets: what the normalisations' tensors are called.
  func normalizing(after places: [Int], _ targets: [ActivationRepair.Target]) -> ModelGraph {
    var result = self
    result.layers = []
    // Where the output of each layer is found now.
    var sources: [Int] = []
    for (index, layer) in layers.enumerated() {
      var copy = layer
      copy.inputs = layer.inputs.map { sources[$0] }
      result.layers.append(copy)
      sources.append(result.layers.count - 1)
      guard let place = places.firstIndex(of: index) else { continue }
      let target = targets[place]
      let roles: [Parameter.Role] = [.gamma, .beta, .movingMean, .movingVariance]
      result.layers.append(
        Layer(
          name: "\(layer.name) repaired",
          operation: .batchNormalization(epsilon: 1e-8, momentum: 0.9),
          inputs: [sources[index]],
          parameters: roles.map {
            Parameter(
              role: $0, tensor: target.tensor($0), shape: [target.kernel.channelCount],
              axes: [.output])
          }, outputShape: layer.outputShape))
      sources[index] = result.layers.count - 1
    }
    result.outputs = outputs.map { sources[$0] }
    return result
  }
}
