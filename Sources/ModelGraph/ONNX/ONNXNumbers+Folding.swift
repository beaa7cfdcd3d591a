import Catalogs

extension ONNXNumbers {
  /// What a node makes of tensors that are known; nil where it is not one of the nodes with which
  /// exporters compute shapes and factors.
  ///
  /// - Parameter inputs: nil for one that is left out.
  static func folded(_ node: ONNXGraph.Node, _ inputs: [ONNXNumbers?]) -> [ONNXNumbers?] {
    if node.operation == "Split" { return split(node, inputs) }
    return [single(node, inputs)]
  }

  private static func single(_ node: ONNXGraph.Node, _ inputs: [ONNXNumbers?]) -> ONNXNumbers? {
    guard let first = inputs.first, let a = first else { return nil }
    let b = inputs.count > 1 ? inputs[1] : nil
    switch node.operation {
    case "Identity", "Dropout": return a
    case "Cast": return cast(a, to: node.integers("to")?.first)
    case "Shape": return shape(a.shape.map { ONNXAmount($0) }, node)
    case "Size": return ONNXNumbers(shape: [], [ONNXAmount(a.elements.count)], isInteger: true)
    case "Concat": return concatenated(inputs, axis: node.integers("axis")?.first ?? 0)
    case "Gather": return b.flatMap { gathered(a, $0, axis: node.integers("axis")?.first ?? 0) }
    case "Unsqueeze", "Squeeze": return squeezed(a, node, b)
    case "Reshape": return b?.integers.flatMap { reshaped(a, to: $0) }
    case "Flatten":
      return ONNXNumbers(shape: [1, a.elements.count], a.elements, isInteger: a.isInteger)
    case "Slice": return sliced(a, node, inputs)
    case "Transpose": return transposed(a, node.integers("perm") ?? a.shape.indices.reversed())
    case "Trilu": return triangle(a, node, below: inputs.count > 1 ? b?.scalar : 0)
    case "Expand":
      return b?.integers.flatMap { target in
        let rank = max(target.count, a.shape.count)
        let wide = Array(repeating: 1, count: rank - target.count) + target
        let own = Array(repeating: 1, count: rank - a.shape.count) + a.shape
        return a.expanded(to: zip(wide, own).map { max($0, $1) })
      }
    case "ConstantOfShape": return a.integers.flatMap { filled($0, node) }
    case "Range": return range(inputs)
    case "Where":
      guard inputs.count == 3, let x = inputs[1], let y = inputs[2],
        let wide = combined(x, y, isInteger: x.isInteger, { x, _ in x }),
        let other = combined(y, x, isInteger: y.isInteger, { y, _ in y }),
        let chosen = combined(
          a, wide, isInteger: x.isInteger, { ($0?.number ?? 0) == 0 ? nil : $1 }),
        let rest = combined(a, other, isInteger: x.isInteger, { $0?.number == 0 ? $1 : nil }),
        chosen.shape == rest.shape
      else { return nil }
      var result = chosen
      result.elements = zip(chosen.elements, rest.elements).map { $0 ?? $1 }
      return result
    case "ReduceProd":
      let all = a.elements.compactMap { $0 }
      guard all.count == a.elements.count, a.shape.count <= 1 else { return nil }
      let keeps = node.integers("keepdims")?.first != 0
      return ONNXNumbers(
        shape: keeps ? [1] : [], [ONNXAmount.product(all)], isInteger: a.isInteger)
    case "Neg": return a.map { ONNXAmount(-1) * $0 }
    case "Sqrt": return a.map { value in value.number.map { ONNXAmount($0.squareRoot()) } }
    case "Reciprocal": return a.map { value in value.number.map { ONNXAmount(1 / $0) } }
    case "Floor":
      return a.map { value in
        value.integer == nil ? value.number.map { ONNXAmount($0.rounded(.down)) } : value
      }
    case "Ceil":
      return a.map { value in
        value.integer == nil ? value.number.map { ONNXAmount($0.rounded(.up)) } : value
      }
    case "Not": return a.map { value in value.number.map { ONNXAmount($0 == 0 ? 1 : 0) } }
    default: return b.flatMap { arithmetic(node.operation, a, $0) }
    }
  }

  private static func arithmetic(
    _ operation: String, _ a: ONNXNumbers, _ b: ONNXNumbers
  ) -> ONNXNumbers? {
    let isInteger = a.isInteger == b.isInteger ? a.isInteger : a.isInteger ?? b.isInteger
    let function: (ONNXAmount, ONNXAmount) -> ONNXAmount?
    switch operation {
    case "Add": function = { ONNXAmount.sum($0, $1) }
    case "Sub": function = { ONNXAmount.sum($0, $1, sign: -1) }
    case "Mul": function = { $0 * $1 }
    case "Div":
      function = { x, y in
        if let whole = x.divided(by: y, isWhole: true) { return whole }
        guard let isInteger else { return nil }
        if !isInteger { return x.divided(by: y, isWhole: false) }
        guard let x = x.integer, let y = y.integer, y != 0, x >= 0, y > 0 else { return nil }
        return ONNXAmount(x / y)
      }
    case "Pow":
      function = { x, y in
        guard let x = x.number, let y = y.number else { return nil }
        switch y {
        case 1: return ONNXAmount(x)
        case 2: return ONNXAmount(x * x)
        case -1: return ONNXAmount(1 / x)
        case 0.5: return ONNXAmount(x.squareRoot())
        case -0.5: return ONNXAmount(1 / x.squareRoot())
        default: return nil
        }
      }
    case "Max", "Min":
      function = { x, y in
        guard let x = x.number, let y = y.number else { return nil }
        return ONNXAmount(operation == "Max" ? max(x, y) : min(x, y))
      }
    case "Equal":
      return combined(a, b, isInteger: true) { x, y in
        guard let x, let y else { return nil }
        if x == y { return ONNXAmount(1) }
        // A length is never negative, nor nothing.
        guard let p = x.number ?? (y.number.map { $0 <= 0 } == true ? 1 : nil),
          let q = y.number ?? (x.number.map { $0 <= 0 } == true ? 1 : nil)
        else { return nil }
        return ONNXAmount(p == q ? 1 : 0)
      }
    default: return nil
    }
    return combined(a, b, isInteger: isInteger) { x, y in
      guard let x, let y else { return nil }
      return function(x, y)
    }
  }

  private static func cast(_ a: ONNXNumbers, to type: Int?) -> ONNXNumbers {
    // 1, 10, 11, 16: floating-point numbers; 9: truth values; others are integers.
    let isInteger = type.map { ![1, 10, 11, 16].contains($0) } ?? false
    var result = a
    result.isInteger = isInteger
    guard isInteger else { return result }
    return result.map { value in
      guard let number = value.number else { return value }
      if type == 9 { return ONNXAmount(number == 0 ? 0 : 1) }
      return number.isFinite ? ONNXAmount(number.rounded(.towardZero)) : nil
    }
  }

  /// The lengths of a shape, as far as a Shape node gives them.
  static func shape(_ lengths: [ONNXAmount?], _ node: ONNXGraph.Node) -> ONNXNumbers {
    func place(_ name: String, _ absent: Int) -> Int {
      let value = node.integers(name)?.first ?? absent
      return min(max(value < 0 ? value + lengths.count : value, 0), lengths.count)
    }
    let (start, end) = (place("start", 0), place("end", lengths.count))
    return ONNXNumbers(row: start < end ? Array(lengths[start..<end]) : [])
  }
}
