extension LeftOutLayer {
  /// The layers of two networks that have no partner, with what they have in the other's place.
  ///
  /// - Parameter left: their indices, in the networks' order.
  static func all(
    _ a: ModelGraph, _ b: ModelGraph, _ left: (a: [Int], b: [Int])
  ) -> [LeftOutLayer] {
    var partners = (a: [Int: Int](), b: [Int: Int]())
    for (x, y) in counterparts(a, b, left) {
      partners.a[x] = y
      partners.b[y] = x
    }
    return left.a.map { layer($0, .first, a, b, partners.a[$0]) }
      + left.b.map { layer($0, .second, b, a, partners.b[$0]) }
  }

  /// Which of the layers with tensors stand in each other's place: those of one kind, in order, where
  /// both networks have as many.
  static func counterparts(
    _ a: ModelGraph, _ b: ModelGraph, _ left: (a: [Int], b: [Int])
  ) -> [(a: Int, b: Int)] {
    let own = left.a.filter { !a.layers[$0].parameters.isEmpty }
    let others = left.b.filter { !b.layers[$0].parameters.isEmpty }
    guard own.count == others.count else { return [] }
    return zip(own, others).filter { x, y in
      a.layers[x].operation.name == b.layers[y].operation.name
    }.map { ($0, $1) }
  }

  private static func layer(
    _ index: Int, _ network: Network, _ graph: ModelGraph, _ other: ModelGraph, _ partner: Int?
  ) -> LeftOutLayer {
    let layer = graph.layers[index]
    let name = network == .first ? Network.second.rawValue : Network.first.rawValue
    let reason: String
    if let partner {
      let there = other.layers[partner]
      reason =
        there.outputShape == layer.outputShape
        ? "\(there.name) of \(name) stands in its place, and has other inputs or settings"
        : "its output is \(describe(layer.outputShape)), and that of \(there.name) of \(name) "
          + describe(there.outputShape)
    } else {
      reason = "\(name) has no such layer in its place"
    }
    return LeftOutLayer(
      network: network, name: layer.name, type: layer.operation.name,
      outputShape: layer.outputShape, tensors: layer.parameters.map(\.tensor), reason: reason)
  }
}

extension ModelPair {
  /// Tensors of both heads that stand in each other's place, whatever their shapes.
  var headTensors: [(a: Parameter, b: Parameter)] {
    let places = (a: Self.places(a), b: Self.places(b))
    let left = (
      a: leftOut.filter { $0.network == .first }.compactMap { places.a[$0.name] },
      b: leftOut.filter { $0.network == .second }.compactMap { places.b[$0.name] }
    )
    return LeftOutLayer.counterparts(a, b, left).flatMap { x, y in
      a.layers[x].parameters.compactMap { parameter in
        b.layers[y].parameter(parameter.role).map { (parameter, $0) }
      }
    }
  }

  private static func places(_ graph: ModelGraph) -> [String: Int] {
    Dictionary(
      graph.layers.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { one, _ in one })
  }

  /// The layers with tensors that were left out, in a sentence; nil where there are none.
  public var headNote: String? {
    let heads = LeftOutLayer.Network.allCases.map { network in
      let own = leftOut.filter { $0.network == network && !$0.tensors.isEmpty }
      let names = own.map { "\($0.name) (\($0.type), output \(describe($0.outputShape)))" }
      return names.isEmpty
        ? "none in \(network.rawValue)" : names.joined(separator: ", ") + " in \(network.rawValue)"
    }
    return leftOut.contains { !$0.tensors.isEmpty } ? heads.joined(separator: ", ") : nil
  }
}
