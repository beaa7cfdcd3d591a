import Catalogs
import Support

/// Nodes that move elements, and those that only compute where to.
extension ONNXImporter {
  /// The shape that a node gives its input; nil for other nodes.
  func shaping(_ node: ONNXGraph.Node, _ input: Int) throws -> Operation? {
    let shape = builder.shape(of: input)
    switch node.operation {
    case "Flatten": return try node.integer("axis", default: 1) == 1 ? .flatten : nil
    case "Concat":
      let axis = try node.integer("axis", default: 1)
      let place = (axis < 0 ? axis + shape.count + 1 : axis) - 1
      return shape.indices.contains(place) ? .concatenate(axis: place) : nil
    case "Reshape": return try reshaping(node, shape)
    case "Squeeze", "Unsqueeze":
      let axes = node.integers("axes") ?? node.input(1).flatMap { lengths[$0] }?.compactMap { $0 }
      guard let axes, axes.count <= CheckedShape.mostAxes else { return nil }
      return Self.shape(shape, axes, isRemoved: node.operation == "Squeeze").map { .reshape($0) }
    case "Transpose":
      // One position has no order.
      guard builder.channelOrder == .first, let order = node.integers("perm"), order.first == 0,
        order.sorted() == Array(0...shape.count), CheckedShape.product(shape.dropFirst()) == 1
      else { return nil }
      let turned = order.dropFirst().map { shape[$0 - 1] }
      return turned.contains { $0 == nil } ? nil : .reshape(turned.compactMap { $0 })
    case "Pad": return padding(node, shape)
    default: return nil
    }
  }

  private func reshaping(_ node: ONNXGraph.Node, _ shape: [Int?]) throws -> Operation? {
    guard let target = node.input(1).flatMap({ lengths[$0] }), target.count >= 2,
      target.count <= CheckedShape.mostAxes + 1
    else { return nil }
    let keepsZero = try node.integer("allowzero", default: 0) == 0
    var rest: [Int] = []
    for (index, length) in target.enumerated().dropFirst() {
      guard var length else { return nil }
      if length == 0, keepsZero {
        guard shape.indices.contains(index - 1), let same = shape[index - 1] else { return nil }
        length = same
      }
      guard length > 0 || length == -1 else { return nil }
      rest.append(length)
    }
    // The batch stays what it is only where an example keeps all of its elements.
    let count = CheckedShape.product(shape)
    if let whole = CheckedShape.product(rest), !rest.contains(-1) {
      guard whole == count else { return nil }
    } else if target[0] == -1 || rest.count(where: { $0 == -1 }) > 1 {
      return nil
    }
    return rest.count == 1 ? .flatten : .reshape(rest)
  }

  private static func shape(_ shape: [Int?], _ axes: [Int], isRemoved: Bool) -> [Int]? {
    let rank = shape.count + 1 + (isRemoved ? 0 : axes.count)
    let places = Set(axes.map { $0 < 0 ? $0 + rank : $0 })
    guard !places.contains(0), places.allSatisfy({ $0 < rank && $0 > 0 }) else { return nil }
    var result: [Int] = []
    if isRemoved {
      for (index, length) in shape.enumerated() {
        guard let length else { return nil }
        if places.contains(index + 1) {
          guard length == 1 else { return nil }
        } else {
          result.append(length)
        }
      }
    } else {
      var left = shape[...]
      for place in 1..<max(1, rank) {
        if places.contains(place) {
          result.append(1)
        } else {
          guard let next = left.popFirst(), let length = next else { return nil }
          result.append(length)
        }
      }
    }
    return result.isEmpty ? nil : result
  }

  private func padding(_ node: ONNXGraph.Node, _ shape: [Int?]) -> Operation? {
    let rank = shape.count + 1
    let pads = node.integers("pads") ?? node.input(1).flatMap { lengths[$0] }?.compactMap { $0 }
    let value =
      node.input(2).flatMap { source.constants[$0]?.first } ?? node.number("value", default: 0)
    guard let pads, pads.count == 2 * rank, pads.allSatisfy({ (0...(1 << 20)).contains($0) }),
      node.text("mode", default: "constant") == "constant", value == 0, node.input(3) == nil,
      pads[0] == 0, pads[rank] == 0, rank > 2, builder.channelOrder == .first
    else { return nil }
    let margins = (1..<rank).map { Margin(pads[$0], pads[$0 + rank]) }
    let isSpatial = margins.dropFirst().contains { $0.before + $0.after > 0 }
    if margins[0].before + margins[0].after == 0 { return .zeroPadding(Array(margins.dropFirst())) }
    return isSpatial ? nil : .channelPadding(margins[0])
  }

  /// Follows what exporters compute of shapes: a node that reads lengths makes lengths, or nothing
  /// that is known.
  mutating func computeLengths(_ node: ONNXGraph.Node) {
    let values = node.inputs.compactMap { lengths[$0] }
    guard let output = node.outputs.first, let first = values.first,
      values.count == node.inputs.count
    else { return }
    switch node.operation {
    case "Identity", "Cast", "Unsqueeze", "Squeeze": lengths[output] = first
    case "Concat":
      let all = Array(values.joined())
      if all.count <= ONNXGraph.mostElements { lengths[output] = all }
    case "Gather" where values.count == 2:
      lengths[output] = values[1].map { index in
        let place = index.map { $0 < 0 ? $0 + first.count : $0 }
        return place.flatMap { first.indices.contains($0) ? first[$0] : nil }
      }
    default: break
    }
  }
}
