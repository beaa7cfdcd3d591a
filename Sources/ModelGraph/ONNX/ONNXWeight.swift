import Catalogs
import Tensors

/// A tensor of the file as a value of the graph: as nodes that move no element hand it on, with its
/// axes in another order, and with axes of one index more or less.
struct ONNXWeight {
  /// Its name in the file.
  let name: String
  /// Its shape in the file.
  let fileShape: [Int]
  /// For each axis of the value, that of the file; nil for an axis of one index that was put in.
  private(set) var axes: [Int?]
  /// Whether its elements are floating-point numbers.
  let isFloatingPoint: Bool

  /// A tensor as it is in the file.
  init(_ entry: TensorEntry) {
    name = entry.name
    fileShape = entry.shape
    axes = Array(entry.shape.indices)
    isFloatingPoint = entry.elementType.isFloatingPoint
  }

  /// The shape of the value.
  var shape: [Int] { axes.map { axis in axis.map { fileShape[$0] } ?? 1 } }

  /// The value with its two last axes exchanged.
  var transposed: ONNXWeight {
    var turned = self
    turned.axes.swapAt(axes.count - 2, axes.count - 1)
    return turned
  }

  /// The value as a parameter, with a meaning for each of its axes.
  ///
  /// - Throws: `ONNXRefusal` where an axis that was put in has a meaning.
  func parameter(
    _ role: Parameter.Role, _ meanings: [Parameter.Axis]
  ) throws -> Parameter {
    var own = [Parameter.Axis](repeating: .fixed, count: fileShape.count)
    for (axis, meaning) in zip(axes, meanings) where meaning != .fixed {
      guard let axis else { throw ONNXRefusal("a weight that was given an axis: \(name)") }
      own[axis] = meaning
    }
    return Parameter(role: role, tensor: name, shape: fileShape, axes: own)
  }
}

extension ONNXWeight {
  /// The value after a node; nil where it is no weight any more.
  ///
  /// - Parameter lengths: those that the node's second input is, where it is known.
  func passed(through node: ONNXGraph.Node, _ lengths: [Int]?) -> ONNXWeight? {
    switch node.operation {
    case "Identity": self
    case "Cast":
      // To Float32 or Float64, which holds every number of the file.
      isFloatingPoint && [[1], [11]].contains(node.integers("to")) ? self : nil
    case "Transpose": turned(node.integers("perm") ?? axes.indices.reversed())
    case "Reshape": reshaped(lengths ?? [], keepsZero: node.integers("allowzero") != [1])
    case "Squeeze", "Unsqueeze":
      resized(
        (node.integers("axes") ?? lengths), isRemoved: node.operation == "Squeeze",
        hasAxes: node.integers("axes") != nil || node.input(1) != nil)
    default: nil
    }
  }

  private func turned(_ order: [Int]) -> ONNXWeight? {
    guard order.sorted() == Array(axes.indices) else { return nil }
    var result = self
    result.axes = order.map { axes[$0] }
    return result
  }

  /// The value in another shape, where that only puts in or takes out axes of one index.
  private func reshaped(_ target: [Int], keepsZero: Bool) -> ONNXWeight? {
    guard !target.isEmpty, target.count <= 16 else { return nil }
    let shape = shape
    var lengths: [Int] = []
    for (axis, length) in target.enumerated() {
      guard length != 0 || (keepsZero && axis < shape.count) else { return nil }
      lengths.append(length == 0 ? shape[axis] : length)
    }
    if let rest = lengths.firstIndex(of: -1) {
      let known = CheckedShape.product(lengths.filter { $0 != -1 }) ?? 0
      guard let all = CheckedShape.product(shape), known > 0, all % known == 0 else { return nil }
      lengths[rest] = all / known
    }
    var left = axes.filter { axis in axis.map { fileShape[$0] != 1 } ?? false }[...]
    var result = self
    result.axes = []
    for length in lengths {
      if length == 1 {
        result.axes.append(nil)
      } else {
        guard let axis = left.popFirst(), let axis, fileShape[axis] == length else { return nil }
        result.axes.append(axis)
      }
    }
    return left.isEmpty ? result : nil
  }

  private func resized(_ list: [Int]?, isRemoved: Bool, hasAxes: Bool) -> ONNXWeight? {
    var result = self
    guard hasAxes else {
      guard isRemoved else { return nil }
      result.axes = axes.filter { axis in axis.map { fileShape[$0] != 1 } ?? false }
      return result
    }
    guard let list, list.count <= 16 else { return nil }
    let rank = axes.count + (isRemoved ? 0 : list.count)
    let places = Set(list.map { $0 < 0 ? $0 + rank : $0 })
    guard places.count == list.count, places.allSatisfy((0..<rank).contains) else { return nil }
    if isRemoved {
      guard places.allSatisfy({ shape[$0] == 1 }) else { return nil }
      result.axes = axes.indices.filter { !places.contains($0) }.map { axes[$0] }
    } else {
      var left = axes[...]
      result.axes = (0..<rank).map { places.contains($0) ? nil : left.popFirst() ?? nil }
    }
    return result
  }
}
