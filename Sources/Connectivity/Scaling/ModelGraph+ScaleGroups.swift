public import ModelGraph

extension ModelGraph {
  /// The units that may be scaled: of every convolution or dense layer that batch normalisation reads
  /// alone, and of every group of hidden units whose way to the kernels that read it keeps positive
  /// factors (ReLU, leaky ReLU, pooling, sums of branches that are scaled together).
  ///
  /// A group of which a tensor is not accounted for on this way is left out, as is every tensor that
  /// two layers share.
  ///
  /// - Parameter groups: the graph's permutation groups.
  /// - Complexity: O(groups · layers).
  public func scaleGroups(_ groups: [PermutationGroup]) -> [ScaleGroup] {
    let readers = readers
    return groups.flatMap { group in
      var derivation = ScaleDerivation(graph: self, group: group, readers: readers)
      return derivation.run()
    }
  }

  /// For each layer the layers that read it.
  private var readers: [[Int]] {
    var readers = layers.map { _ in [Int]() }
    for (index, layer) in layers.enumerated() {
      for input in layer.inputs where !readers[input].contains(index) {
        readers[input].append(index)
      }
    }
    return readers
  }
}

/// Follows the units of one permutation group through the graph.
private struct ScaleDerivation {
  let graph: ModelGraph
  let group: PermutationGroup
  let readers: [[Int]]
  /// The members not yet accounted for.
  private var open: Set<PermutationGroup.Member>
  private var outputs: [ScaleGroup.Member] = []

  init(graph: ModelGraph, group: PermutationGroup, readers: [[Int]]) {
    self.graph = graph
    self.group = group
    self.readers = readers
    open = Set(group.members)
  }

  mutating func run() -> [ScaleGroup] {
    var found: [ScaleGroup] = []
    var sources: [Int] = []
    var isScalable = true
    for (index, layer) in graph.layers.enumerated() where layer.isDenseOrConvolution {
      guard let kernel = take(.kernel, .output, of: layer) else { continue }
      let own = [kernel, take(.bias, .output, of: layer)].compactMap { $0 }
      guard let norm = soleNormalization(of: index) else {
        sources.append(index)
        outputs += own.map { .init(place: $0, effect: .multiplied) }
        continue
      }
      if let before = beforeNormalization(norm.layer, epsilon: norm.epsilon, own) {
        found.append(ScaleGroup(name: layer.name, size: group.size, members: before))
      }
      // Without a gamma the size of the output is what batch normalisation makes it.
      guard let gamma = take(.gamma, .output, of: graph.layers[norm.layer]) else {
        isScalable = false
        continue
      }
      let beta = take(.beta, .output, of: graph.layers[norm.layer])
      outputs += [gamma, beta].compactMap { $0 }.map { .init(place: $0, effect: .multiplied) }
      sources.append(norm.layer)
    }
    if isScalable, !sources.isEmpty, follow(sources), open.isEmpty,
      outputs.allSatisfy({ isUsedOnce($0.place.tensor) })
    {
      found.append(ScaleGroup(name: group.name, size: group.size, members: outputs))
    }
    return found
  }

  /// The batch normalisation that alone reads a layer.
  private func soleNormalization(of index: Int) -> (layer: Int, epsilon: Double)? {
    guard !graph.outputs.contains(index), readers[index].count == 1,
      let reader = readers[index].first,
      case .batchNormalization(let epsilon, _) = graph.layers[reader].operation
    else { return nil }
    return (reader, epsilon)
  }

  /// What is scaled with the input of a batch normalisation; nil where the tensors are shared.
  private mutating func beforeNormalization(
    _ index: Int, epsilon: Double, _ own: [PermutationGroup.Member]
  ) -> [ScaleGroup.Member]? {
    let layer = graph.layers[index]
    guard let mean = take(.movingMean, .output, of: layer),
      let variance = take(.movingVariance, .output, of: layer),
      (own + [mean, variance]).allSatisfy({ isUsedOnce($0.tensor) })
    else { return nil }
    return (own + [mean]).map { .init(place: $0, effect: .multiplied) }
      + [.init(place: variance, effect: .variance(epsilon: epsilon))]
  }

  /// Follows the scaled outputs to the kernels that read them. False where something on the way does
  /// not keep factors.
  private mutating func follow(_ sources: [Int]) -> Bool {
    var reached = Set(sources)
    var waiting = sources
    var sums: [Int] = []
    while let index = waiting.popLast() {
      if graph.outputs.contains(index) { return false }
      for reader in readers[index] {
        let layer = graph.layers[reader]
        switch layer.operation {
        case .activation(.relu), .activation(.leakyRelu), .activation(.linear), .dropout,
          .pooling, .globalPooling, .zeroPadding, .edgePadding, .cropping, .flatten, .reshape:
          if reached.insert(reader).inserted { waiting.append(reader) }
        case .add:
          sums.append(reader)
          if reached.insert(reader).inserted { waiting.append(reader) }
        case .dense, .convolution:
          if case .convolution(let convolution) = layer.operation, convolution.groups != 1 {
            return false
          }
          if let kernel = take(.kernel, .input, of: layer) {
            outputs.append(.init(place: kernel, effect: .divided))
          } else if !outputs.contains(where: { isInput($0, of: layer) }) {
            return false
          }
        default: return false
        }
      }
    }
    return sums.allSatisfy { graph.layers[$0].inputs.allSatisfy(reached.contains) }
  }

  private func isInput(_ member: ScaleGroup.Member, of layer: Layer) -> Bool {
    member.effect == .divided && member.place.tensor == layer.parameter(.kernel)?.tensor
  }

  /// The group's member on an axis of a layer's tensor, once.
  private mutating func take(
    _ role: Parameter.Role, _ axis: Parameter.Axis, of layer: Layer
  ) -> PermutationGroup.Member? {
    guard let parameter = layer.parameter(role), !parameter.axes.contains(.multiplier) else {
      return nil
    }
    let member = open.first {
      $0.tensor == parameter.tensor && parameter.axes.indices.contains($0.axis)
        && parameter.axes[$0.axis] == axis
    }
    if let member { open.remove(member) }
    return member
  }

  private func isUsedOnce(_ tensor: String) -> Bool { graph.userCount(of: tensor) == 1 }
}
