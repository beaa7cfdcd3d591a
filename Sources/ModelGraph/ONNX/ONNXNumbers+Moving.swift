import Catalogs

/// What nodes that move elements make of tensors that are known; nil where it cannot be told.
extension ONNXNumbers {
  static func concatenated(_ inputs: [ONNXNumbers?], axis: Int) -> ONNXNumbers? {
    let parts = inputs.compactMap { $0 }
    guard parts.count == inputs.count, let first = parts.first else { return nil }
    // One number whose shape is not known is a row of one.
    let place = axis < 0 ? axis + max(1, first.shape.count) : axis
    guard place == 0,
      parts.allSatisfy({ $0.shape.dropFirst() == first.shape.dropFirst() })
    else { return nil }
    return ONNXNumbers(
      shape: [parts.reduce(0) { $0 + ($1.shape.first ?? 1) }] + first.shape.dropFirst(),
      parts.flatMap(\.elements), isInteger: first.isInteger)
  }

  static func gathered(
    _ a: ONNXNumbers, _ indices: ONNXNumbers, axis: Int
  ) -> ONNXNumbers? {
    guard axis == 0 || axis == -a.shape.count, let length = a.shape.first,
      let list = indices.integers
    else { return nil }
    let width = CheckedShape.product(a.shape.dropFirst()) ?? 0
    var elements: [ONNXAmount?] = []
    for index in list {
      let place = index < 0 ? index + length : index
      guard (0..<length).contains(place), elements.count <= mostElements else { return nil }
      elements += a.elements[(place * width)..<((place + 1) * width)]
    }
    return ONNXNumbers(
      shape: indices.shape + a.shape.dropFirst(), elements, isInteger: a.isInteger)
  }

  static func squeezed(
    _ a: ONNXNumbers, _ node: ONNXGraph.Node, _ list: ONNXNumbers?
  ) -> ONNXNumbers? {
    let isRemoved = node.operation == "Squeeze"
    guard let axes = node.integers("axes") ?? list?.integers else {
      return isRemoved && node.input(1) == nil
        ? ONNXNumbers(shape: a.shape.filter { $0 != 1 }, a.elements, isInteger: a.isInteger) : nil
    }
    guard axes.count <= 16 else { return nil }
    let rank = a.shape.count + (isRemoved ? 0 : axes.count)
    let places = Set(axes.map { $0 < 0 ? $0 + rank : $0 })
    guard places.allSatisfy((0..<rank).contains), places.count == axes.count else { return nil }
    var left = a.shape[...]
    let shape =
      isRemoved
      ? a.shape.indices.filter { !places.contains($0) }.map { a.shape[$0] }
      : (0..<rank).map { places.contains($0) ? 1 : left.popFirst() ?? 1 }
    return ONNXNumbers(shape: shape, a.elements, isInteger: a.isInteger)
  }

  static func reshaped(_ a: ONNXNumbers, to target: [Int]) -> ONNXNumbers? {
    guard target.count <= 16 else { return nil }
    var shape = target.enumerated().map {
      $1 == 0 && a.shape.indices.contains($0) ? a.shape[$0] : $1
    }
    if let rest = shape.firstIndex(of: -1) {
      let known = CheckedShape.product(shape.filter { $0 != -1 }) ?? 0
      guard known > 0 else { return nil }
      shape[rest] = a.elements.count / known
    }
    return ONNXNumbers(shape: shape, a.elements, isInteger: a.isInteger)
  }

  static func sliced(
    _ a: ONNXNumbers, _ node: ONNXGraph.Node, _ inputs: [ONNXNumbers?]
  ) -> ONNXNumbers? {
    func list(_ name: String, _ index: Int) -> [Int]? {
      node.integers(name) ?? (inputs.count > index ? inputs[index]?.integers : nil)
    }
    guard let starts = list("starts", 1), let ends = list("ends", 2), starts.count == 1,
      ends.count == 1, let length = a.shape.first
    else { return nil }
    let axes = list("axes", 3) ?? [0]
    guard axes == [0] || axes == [-a.shape.count] else { return nil }
    let step = list("steps", 4) ?? [1]
    if step == [-1], starts == [-1], ends[0] < -length { return reversed(a) }
    guard step == [1] else { return nil }
    func place(_ value: Int) -> Int {
      min(max(value < 0 ? value + length : value, 0), length)
    }
    let (start, end) = (place(starts[0]), max(place(starts[0]), place(ends[0])))
    let width = CheckedShape.product(a.shape.dropFirst()) ?? 0
    return ONNXNumbers(
      shape: [end - start] + a.shape.dropFirst(),
      Array(a.elements[(start * width)..<(end * width)]), isInteger: a.isInteger)
  }

  /// The rows from the last to the first.
  static func reversed(_ a: ONNXNumbers) -> ONNXNumbers? {
    let width = CheckedShape.product(a.shape.dropFirst()) ?? 0
    let rows = (0..<a.shape[0]).reversed().flatMap { a.elements[($0 * width)..<(($0 + 1) * width)] }
    return ONNXNumbers(shape: a.shape, rows, isInteger: a.isInteger)
  }

  static func transposed(_ a: ONNXNumbers, _ order: [Int]) -> ONNXNumbers? {
    guard order.sorted() == Array(a.shape.indices) else { return nil }
    var places = [0]
    for axis in order {
      let stride = CheckedShape.product(a.shape[(axis + 1)...]) ?? 0
      places = places.flatMap { place in (0..<a.shape[axis]).map { place + $0 * stride } }
    }
    return ONNXNumbers(
      shape: order.map { a.shape[$0] }, places.map { a.elements[$0] }, isInteger: a.isInteger)
  }

  /// The elements above or below a diagonal; the others are zero.
  static func triangle(
    _ a: ONNXNumbers, _ node: ONNXGraph.Node, below number: Double?
  ) -> ONNXNumbers? {
    guard let diagonal = number.flatMap({ Int(exactly: $0) }), a.shape.count >= 2 else {
      return nil
    }
    let (rows, columns) = (a.shape[a.shape.count - 2], a.shape[a.shape.count - 1])
    let isUpper = node.integers("upper")?.first != 0
    var result = a
    for place in a.elements.indices {
      let (row, column) = (place / max(1, columns) % max(1, rows), place % max(1, columns))
      let stays = isUpper ? column - row >= diagonal : column - row <= diagonal
      if !stays { result.elements[place] = ONNXAmount(0) }
    }
    return result
  }

  static func split(_ node: ONNXGraph.Node, _ inputs: [ONNXNumbers?]) -> [ONNXNumbers?] {
    let count = node.outputs.count
    guard let first = inputs.first, let a = first, a.shape.count == 1, count > 0,
      a.shape[0] % count == 0, node.integers("split") == nil, inputs.count == 1
    else { return node.outputs.map { _ in nil } }
    let width = a.shape[0] / count
    return (0..<count).map {
      ONNXNumbers(
        shape: [width], Array(a.elements[($0 * width)..<(($0 + 1) * width)]),
        isInteger: a.isInteger)
    }
  }

  static func filled(_ shape: [Int], _ node: ONNXGraph.Node) -> ONNXNumbers? {
    guard shape.count <= 16, shape.allSatisfy({ $0 >= 0 }),
      let count = CheckedShape.product(shape), count <= mostElements
    else { return nil }
    // The value is a tensor attribute; without one it is zero.
    let value: Double? =
      switch node.attributes["value"] {
      case nil: 0
      case .numbers(let list)?: list.count == 1 ? list[0] : nil
      default: nil
      }
    return ONNXNumbers(
      shape: shape, Array(repeating: value.map { ONNXAmount($0) }, count: count), isInteger: nil)
  }

  static func range(_ inputs: [ONNXNumbers?]) -> ONNXNumbers? {
    let values = inputs.compactMap { $0?.scalar }
    guard values.count == 3, inputs.count == 3, values[2] != 0 else { return nil }
    let count = ((values[1] - values[0]) / values[2]).rounded(.up)
    guard count >= 0, count <= Double(mostElements) else { return nil }
    return ONNXNumbers(
      shape: [Int(count)], (0..<Int(count)).map { ONNXAmount(values[0] + Double($0) * values[2]) },
      isInteger: inputs[0]?.isInteger)
  }
}
