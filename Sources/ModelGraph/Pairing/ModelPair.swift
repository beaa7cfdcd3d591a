public import WeightFiles
import WorkbenchCore

/// Two networks of one architecture, layer beside layer and tensor beside tensor, whatever their
/// names, the order of their files and the layout of their tensors.
public struct ModelPair: Sendable {
  /// The first network.
  public let a: ModelGraph
  /// The second.
  public let b: ModelGraph
  /// The indices of paired layers.
  public let layers: [(a: Int, b: Int)]
  /// The groups of the first network.
  public let groupsA: [PermutationGroup]
  /// The same groups in the second network's names and axes: as many, in the same order, and their
  /// members too.
  public let groupsB: [PermutationGroup]
  /// For every tensor of the first network its partner in the second.
  public let tensorsBFromA: [String: String]
  /// For every tensor of the first network, the partner's axis for each of its axes.
  private let axes: [String: [Int]]

  /// Pairs two networks.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the first layer that differs, and both
  ///   shapes.
  /// - Complexity: O(layers, edges and tensors).
  public init(_ first: ModelGraph, _ second: ModelGraph) throws {
    layers = try ModelPair.pairLayers(first, second)
    let (a, b) = ModelPair.settled(first, second, layers)
    self.a = a
    self.b = b
    let tensors = try TensorPairs(a, b, layers)
    tensorsBFromA = tensors.names
    axes = tensors.axes
    let groups = try a.permutationGroups()
    groupsA = groups
    groupsB = try groups.map { group in
      var other = group
      other.members = try group.members.map { member in
        guard let name = tensors.names[member.tensor], let order = tensors.axes[member.tensor]
        else { throw Diagnostic(.failed, "a tensor has no partner", at: [member.tensor]) }
        var partner = member
        partner.tensor = name
        partner.axis = order[member.axis]
        return partner
      }
      return other
    }
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

  private static func pairLayers(
    _ a: ModelGraph, _ b: ModelGraph
  ) throws -> [(a: Int, b: Int)] {
    // What is assumed of activations is no ground for refusing.
    let ignores = !a.assumptions.isEmpty || !b.assumptions.isEmpty
    let nodesA = CanonicalGraph(a, ignoringActivations: ignores).nodes
    let nodesB = CanonicalGraph(b, ignoringActivations: ignores).nodes
    for (x, y) in zip(nodesA, nodesB) {
      let layerA = a.layers[x.layer]
      let layerB = b.layers[y.layer]
      let areAlike =
        x.signature == y.signature && fit(x.shape, y.shape) && x.inputs == y.inputs
      guard areAlike else { throw difference(layerA, layerB, x, y) }
    }
    if let extra = nodesA.dropFirst(nodesB.count).first {
      throw unpaired(a.layers[extra.layer], "the first network has", "the second")
    }
    if let extra = nodesB.dropFirst(nodesA.count).first {
      throw unpaired(b.layers[extra.layer], "the second network has", "the first")
    }
    if a.channelOrder != b.channelOrder {
      for node in nodesA {
        let layer = a.layers[node.layer]
        guard isOrderSensitive(layer, a) else { continue }
        throw Diagnostic(
          .badData,
          "one network has its channels first and the other last, and this layer mixes positions "
            + "and channels", at: [layer.name])
      }
    }
    return zip(nodesA, nodesB).map { ($0.layer, $1.layer) }
  }

  /// Whether two shapes are equal as far as they are known.
  private static func fit(_ a: [Int?], _ b: [Int?]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
  }

  /// Whether the order of a layer's output depends on where the channels stand.
  private static func isOrderSensitive(_ layer: Layer, _ graph: ModelGraph) -> Bool {
    switch layer.operation {
    case .flatten, .reshape:
      let source = layer.inputs.first.map { graph.lastChannelShape(of: $0) } ?? []
      return source.dropLast().contains { $0 != 1 }
    default: return false
    }
  }

  private static func difference(
    _ a: Layer, _ b: Layer, _ x: CanonicalGraph.Node, _ y: CanonicalGraph.Node
  ) -> Diagnostic {
    let kernels = [a, b].map { layer in
      layer.parameters.first.map { ", \($0.tensor) \(describe($0.shape))" } ?? ""
    }
    let sameWords = a.operation.name == b.operation.name && x.shape == y.shape
    return Diagnostic(
      .badData,
      "the networks differ here: \(a.name) is \(a.operation.name) with output "
        + "\(describe(x.shape))\(kernels[0]), and its partner \(b.name) is \(b.operation.name) "
        + "with output \(describe(y.shape))\(kernels[1])"
        + (sameWords ? " (their settings, tensors or inputs differ)" : ""),
      at: [a.name], remedy: "only networks of one architecture can be matched")
  }

  private static func unpaired(_ layer: Layer, _ one: String, _ other: String) -> Diagnostic {
    Diagnostic(
      .badData,
      "\(one) the layer \(layer.name) (\(layer.operation.name), output "
        + "\(describe(layer.outputShape))), and \(other) has no more layers",
      at: [layer.name], remedy: "only networks of one architecture can be matched")
  }
}
