import Support

/// Which layers of two networks correspond: by what they compute, from what, and in which shapes; names
/// count only between layers that nothing else tells apart.
struct LayerPairs {
  /// The indices of paired layers.
  private(set) var pairs: [(a: Int, b: Int)] = []
  /// The indices of layers without a partner; none where the networks are of one architecture.
  private(set) var left: (a: [Int], b: [Int]) = ([], [])

  /// Pairs the layers.
  ///
  /// - Parameter acceptsHeads: whether networks of one body may have different heads.
  /// - Throws: `Diagnostic` of code `badData` that names the first layer that differs, and both shapes.
  /// - Complexity: O(layers and edges), apart from sorting.
  init(_ a: ModelGraph, _ b: ModelGraph, acceptsHeads: Bool) throws {
    // What is assumed of activations is no ground for refusing.
    let ignores = !a.assumptions.isEmpty || !b.assumptions.isEmpty
    let names = Set(a.layers.map(\.name)).intersection(b.layers.map(\.name))
      .filter(CountedWord.isTelling)
    let nodesA = CanonicalGraph(a, ignoringActivations: ignores, telling: names).nodes
    let nodesB = CanonicalGraph(b, ignoringActivations: ignores, telling: names).nodes
    if let error = LayerPairs.difference(a, b, nodesA, nodesB) {
      guard acceptsHeads else { throw error }
      let body = CommonBody(a, b, nodesA, nodesB, telling: names)
      guard body.leavesOnlyHeads else { throw error }
      pairs = body.pairs.map { (nodesA[$0.a].layer, nodesB[$0.b].layer) }
      left = (body.left.a.map { nodesA[$0].layer }, body.left.b.map { nodesB[$0].layer })
    } else {
      pairs = zip(nodesA, nodesB).map { ($0.layer, $1.layer) }
    }
    try checkOrder(a, b)
  }

  /// The first difference of two networks; nil where they are of one architecture.
  private static func difference(
    _ a: ModelGraph, _ b: ModelGraph, _ nodesA: [CanonicalGraph.Node],
    _ nodesB: [CanonicalGraph.Node]
  ) -> Diagnostic? {
    for (x, y) in zip(nodesA, nodesB) where !x.isLike(y) || x.inputs != y.inputs {
      return difference(a.layers[x.layer], b.layers[y.layer], x, y)
    }
    if let extra = nodesA.dropFirst(nodesB.count).first {
      return unpaired(a.layers[extra.layer], "the first network has", "the second")
    }
    if let extra = nodesB.dropFirst(nodesA.count).first {
      return unpaired(b.layers[extra.layer], "the second network has", "the first")
    }
    return nil
  }

  /// Refuses networks whose features lie in another order where that decides which input is which.
  private func checkOrder(_ a: ModelGraph, _ b: ModelGraph) throws {
    guard a.channelOrder != b.channelOrder else { return }
    for pair in pairs {
      let layer = a.layers[pair.a]
      guard LayerPairs.isOrderSensitive(layer, a) else { continue }
      throw Diagnostic(
        .badData,
        "one network has its channels first and the other last, and this layer mixes positions "
          + "and channels", at: [layer.name])
    }
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

extension CanonicalGraph.Node {
  /// Whether two layers compute the same, in shapes that are equal as far as they are known.
  func isLike(_ other: CanonicalGraph.Node) -> Bool {
    signature == other.signature && shape.count == other.shape.count
      && zip(shape, other.shape).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
  }
}
