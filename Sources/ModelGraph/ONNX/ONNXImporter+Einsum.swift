import Catalogs
import Support

extension ONNXImporter {
  /// A sum of products over one index of two operands: a dense layer, products of queries and keys, or of
  /// weights and values.
  mutating func addEinsum(_ node: ONNXGraph.Node) throws -> ONNXValue {
    let equation = node.text("equation", default: "").filter { $0 != " " }
    let sides = equation.components(between: "->")
    guard sides.count == 2, !equation.contains("."), node.inputs.count == 2 else {
      throw ONNXRefusal(node.operation)
    }
    let operands = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    let output = Array(sides[1])
    guard operands.count == 2, (operands + [output]).allSatisfy({ Set($0).count == $0.count })
    else {
      throw ONNXRefusal(node.operation)
    }
    let summed = operands[0].filter { operands[1].contains($0) && !output.contains($0) }
    guard summed.count == 1 else { throw ONNXRefusal(node.operation) }
    if let left = values[node.inputs[0]], let right = values[node.inputs[1]] {
      return try addEinsum(node, (left, operands[0]), (right, operands[1]), output, summed[0])
    }
    let place = values[node.inputs[0]] == nil ? 1 : 0
    let (data, own) = (operands[place], operands[1 - place])
    let view = try view(node, place)
    var kernel = try weight(node, 1 - place)
    guard let axis = data.firstIndex(of: summed[0]), own.count == 2, kernel.shape.count == 2,
      let units = own.first(where: { $0 != summed[0] }), data.count == view.axes.count,
      output == data.map({ $0 == summed[0] ? units : $0 })
    else { throw ONNXRefusal(node.operation) }
    if own[0] == units { kernel = kernel.transposed }
    return .view(try addProduct(node, kernel, view, axis: axis))
  }

  private mutating func addEinsum(
    _ node: ONNXGraph.Node, _ left: (value: ONNXValue, labels: [Character]),
    _ right: (value: ONNXValue, labels: [Character]), _ output: [Character], _ summed: Character
  ) throws -> ONNXValue {
    guard case .view(let second) = right.value, second.axes.count == right.labels.count else {
      throw ONNXRefusal(node.operation)
    }
    let groups = output.filter { left.labels.contains($0) && right.labels.contains($0) }
    let rows = left.labels.filter { !groups.contains($0) && $0 != summed }
    let columns = right.labels.filter { !groups.contains($0) && $0 != summed }
    guard rows.count == 1, columns.count == 1 else { throw ONNXRefusal(node.operation) }
    let mover = name(of: node)
    let natural = groups + rows + columns
    func order(_ labels: [Character], _ wanted: [Character]) -> [Int] {
      wanted.compactMap { labels.firstIndex(of: $0) }
    }
    guard
      let turned = second.transposed(order(right.labels, groups + [summed] + columns), by: mover)
    else { throw ONNXRefusal(node.operation) }
    switch left.value {
    case .view(let first):
      guard output == natural,
        let queries = first.transposed(order(left.labels, groups + rows + [summed]), by: mover)
      else { throw ONNXRefusal(node.operation) }
      return try addProduct(node, of: .view(queries), and: .view(turned))
    default:
      guard left.labels == groups + rows + [summed],
        case .view(let result) = try addProduct(node, of: left.value, and: .view(turned)),
        let moved = result.transposed(order(natural, output), by: mover)
      else { throw ONNXRefusal(node.operation) }
      return .view(moved)
    }
  }
}

extension String {
  /// The parts of a text between a separator.
  fileprivate func components(between separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
