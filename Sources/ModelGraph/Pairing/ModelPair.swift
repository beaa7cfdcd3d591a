import Support
public import Tensors

/// Two networks of one architecture, or of one body with different heads: layer beside layer and tensor
/// beside tensor, whatever their names, the order of their files and the layout of their tensors.
public struct ModelPair: Sendable {
  /// The first network.
  public let a: ModelGraph
  /// The second.
  public let b: ModelGraph
  /// The indices of paired layers.
  public let layers: [(a: Int, b: Int)]
  /// The layers without a partner, those of the first network before those of the second: the heads of
  /// networks that share a body. Empty where the networks are of one architecture.
  public let leftOut: [LeftOutLayer]
  /// The groups of the first network, with those of their axes that the second has too.
  public let groupsA: [PermutationGroup]
  /// The same groups in the second network's names and axes: as many, in the same order, and their
  /// members too; behind these, the axes of the second network's head that move with them.
  public let groupsB: [PermutationGroup]
  /// Groups whose units stay because they are a group of one network alone, by the first one's names.
  public let unpairedGroups: [String]
  /// For every tensor of the first network its partner in the second.
  public let tensorsBFromA: [String: String]
  /// For every tensor of the first network, the partner's axis for each of its axes.
  public let axes: [String: [Int]]
  /// Layers that are paired with each other although their names, which somebody chose, say otherwise.
  public let contradictions: [NameContradiction]

  /// Whether every layer has a partner.
  public var isWhole: Bool { leftOut.isEmpty }

  /// Pairs two networks.
  ///
  /// - Parameter acceptsHeads: whether the networks may share a body and have different heads; the layers
  ///   of these are then among `leftOut`.
  /// - Throws: `Diagnostic` of code `badData` that names the first layer that differs, and both shapes;
  ///   or the layers of which names and order contradict each other, where the order is a guess.
  /// - Complexity: O(layers, edges and tensors).
  public init(
    _ first: ModelGraph, _ second: ModelGraph, acceptsHeads: Bool = false
  ) throws {
    let found = try LayerPairs(first, second, acceptsHeads: acceptsHeads)
    layers = found.pairs
    leftOut = LeftOutLayer.all(first, second, found.left)
    let isWhole = found.left.a.isEmpty && found.left.b.isEmpty
    let (a, b) =
      isWhole
      ? ModelPair.settled(first, second, layers) : ModelPair.holdingBoth(first, second, layers)
    self.a = a
    self.b = b
    let tensors = try TensorPairs(a, b, layers)
    tensorsBFromA = tensors.names
    axes = tensors.axes
    contradictions = NameContradiction.all(a, b, layers)
    let hasGuess = a.hasGuessedOrder || b.hasGuessedOrder
    if hasGuess, let one = contradictions.first { throw one.diagnostic }
    // What is one tensor in either file moves as one in both.
    var joint = a
    joint.sharedStorage += tensors.inFirst(b.sharedStorage)
    let groups = try GroupPairs(joint, b, tensors, isWhole: isWhole)
    groupsA = groups.a
    groupsB = groups.b
    unpairedGroups = groups.unpaired
  }

  /// The second network's tensors under the first's names and in the order of its axes, so that
  /// they can be compared element by element. Tensors that are not paired are left out.
  ///
  /// - Complexity: O(elements).
  public func alignedToA(_ weightsB: Weights) -> Weights {
    var result: Weights = [:]
    for (name, partner) in tensorsBFromA {
      guard let tensor = weightsB[partner], let order = axes[name],
        order.count == tensor.shape.count
      else { continue }
      result[name] = tensor.transposed(order)
    }
    return result
  }

  /// The first network without the layers that the second has not; all of it where none is left out.
  /// The outputs of the body are its outputs.
  public var body: ModelGraph {
    if isWhole { return a }
    let paired = Set(layers.map(\.a))
    let stand = CanonicalGraph.standIns(a, !a.assumptions.isEmpty || !b.assumptions.isEmpty)
    let kept = a.layers.indices.filter { paired.contains(stand[$0]) }
    let places = Dictionary(
      kept.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { one, _ in one })
    var readers: [Int: (kept: Int, dropped: Int)] = [:]
    for (index, layer) in a.layers.enumerated() {
      for input in layer.inputs {
        if places[index] != nil {
          readers[input, default: (0, 0)].kept += 1
        } else {
          readers[input, default: (0, 0)].dropped += 1
        }
      }
    }
    var body = a
    body.layers = kept.map { index in
      var layer = a.layers[index]
      layer.inputs = layer.inputs.compactMap { places[$0] }
      return layer
    }
    let outputs = kept.filter { index in
      let readers = readers[index] ?? (0, 0)
      return readers.dropped > 0 || readers.kept == 0 || a.outputs.contains(index)
    }
    body.outputs = outputs.compactMap { places[$0] }
    body.heldLayers = a.heldLayers.compactMap { places[$0] }
    return body
  }
}

extension ModelGraph {
  /// Whether the order of the layers is read off names or off the order of the file: names that somebody
  /// chose say more than it.
  var hasGuessedOrder: Bool { source == "state dict" && certainty == .assumed }
}
