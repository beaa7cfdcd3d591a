import Catalogs
import Support

/// Shapes of what nodes make of the model's tensors alone, where it is no weight any more: of a kernel
/// that is put together, scaled or dequantised. With them the layers behind such a kernel are understood.
extension ONNXImporter {
  /// The shape of a tensor of the model, or of what is made of some.
  func tensorShape(_ value: String?) -> [Int]? {
    guard let value, !value.isEmpty, values[value] == nil else { return nil }
    return shapes[value] ?? weights[value]?.shape ?? numbers[value]?.shape
  }

  /// The shape of a node's first output, where its inputs are the model's.
  func madeShape(_ node: ONNXGraph.Node) -> [Int]? {
    guard let first = tensorShape(node.input(0)) else { return nil }
    switch node.operation {
    case "Identity", "Cast", "DequantizeLinear", "QuantizeLinear", "Neg", "Abs", "Sqrt", "Exp",
      "Tanh", "Sigmoid", "Relu", "Clip", "Sign":
      return first
    case "Add", "Sub", "Mul", "Div", "Pow":
      guard let second = tensorShape(node.input(1)) else { return nil }
      let rank = max(first.count, second.count)
      let wide = [first, second].map { Array(repeating: 1, count: rank - $0.count) + $0 }
      guard zip(wide[0], wide[1]).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else { return nil }
      return zip(wide[0], wide[1]).map { max($0, $1) }
    case "Transpose":
      let order = node.integers("perm") ?? first.indices.reversed()
      return order.sorted() == Array(first.indices) ? order.map { first[$0] } : nil
    case "Concat":
      let all = node.inputs.map { tensorShape($0) }
      let axis = node.integers("axis")?.first ?? 0
      let place = axis < 0 ? axis + first.count : axis
      guard first.indices.contains(place), all.allSatisfy({ $0?.count == first.count }) else {
        return nil
      }
      var shape = first
      shape[place] = all.reduce(0) { $0 + min($1?[place] ?? 0, CheckedShape.longestAxis) }
      return shape
    case "Reshape":
      guard let target = node.input(1).flatMap({ numbers[$0] })?.integers, target.count <= 16,
        let whole = CheckedShape.product(first)
      else { return nil }
      let known = CheckedShape.product(target.filter { $0 != -1 }) ?? 0
      guard known > 0, whole % known == 0, target.count(where: { $0 == -1 }) <= 1 else {
        return nil
      }
      return target.map { $0 == -1 ? whole / known : $0 }
    case "Slice":
      guard let slices = slice(of: node) else { return nil }
      var shape = first
      for (axis, start, end) in slices {
        let place = axis < 0 ? axis + first.count : axis
        guard first.indices.contains(place), let end else { return nil }
        let length = first[place]
        let from = min(max(start < 0 ? start + length : start, 0), length)
        shape[place] = max(0, min(max(end < 0 ? end + length : end, 0), length) - from)
      }
      return shape
    default: return nil
    }
  }

  /// The shape of what a product or a convolution makes whose kernel is not a weight of its own.
  func productShape(_ node: ONNXGraph.Node) -> [Int?]? {
    guard case .view(let view)? = node.input(0).flatMap({ values[$0] }),
      let kernel = tensorShape(node.input(1))
    else { return nil }
    let lengths = view.shape.map(\.integer)
    switch node.operation {
    case "Gemm" where kernel.count == 2 && lengths.count == 2:
      let isTransposed = (node.integers("transB")?.first ?? 0) != 0
      return [lengths[0], kernel[isTransposed ? 0 : 1]]
    case "MatMul" where kernel.count == 2: return lengths.dropLast() + [kernel[1]]
    case "Conv" where kernel.count == lengths.count && lengths.count > 2:
      let rank = kernel.count - 2
      guard let strides = try? node.lengths("strides", count: rank, default: 1),
        let dilation = try? node.lengths("dilations", count: rank, default: 1),
        node.text("auto_pad", default: "NOTSET") == "NOTSET"
      else { return nil }
      let pads = node.integers("pads") ?? Array(repeating: 0, count: 2 * rank)
      guard pads.count == 2 * rank,
        pads.allSatisfy({ (0...CheckedShape.longestAxis).contains($0) })
      else { return nil }
      let spatial = (0..<rank).map { axis -> Int? in
        guard let length = lengths[axis + 2] else { return nil }
        let (extent, overflows) = (kernel[axis + 2] - 1).multipliedReportingOverflow(
          by: dilation[axis])
        guard !overflows else { return nil }
        let rest = length + pads[axis] + pads[axis + rank] - extent - 1
        return rest < 0 ? nil : rest / strides[axis] + 1
      }
      return [lengths[0], kernel[0]] + spatial
    default: return nil
    }
  }
}
