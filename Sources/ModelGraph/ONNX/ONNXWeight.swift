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
  /// A stretch of an axis of the file of which alone the value is; nil for all of it. The count is nil
  /// where only the data decide it.
  private(set) var cut: (axis: Int, first: Int, count: Int?)?
  /// An axis of the file whose stretches the value has in another order; nil where they stand as they are.
  private(set) var pieces: (axis: Int, stretches: [Range<Int>])?
  /// Whether axes of one index stand for several, as Expand makes them.
  private(set) var isExpanded = false

  /// A tensor as it is in the file.
  init(_ entry: TensorEntry) {
    name = entry.name
    fileShape = entry.shape
    axes = Array(entry.shape.indices)
    isFloatingPoint = entry.elementType.isFloatingPoint
  }

  /// Whether the value is the whole tensor, and nothing else.
  var isWhole: Bool { cut == nil && pieces == nil && !isExpanded }

  /// The shape of the value.
  var shape: [Int] { axes.map { axis in axis.map { length(ofFileAxis: $0) } ?? 1 } }

  private func length(ofFileAxis axis: Int) -> Int {
    guard let cut, cut.axis == axis else { return fileShape[axis] }
    return cut.count ?? fileShape[axis] - cut.first
  }

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
  /// Stretches of one tensor put together again in another order, all of them; nil where they are not that.
  ///
  /// - Parameter axis: the axis along which they are put together.
  static func joined(_ parts: [ONNXWeight], axis: Int) -> ONNXWeight? {
    guard let first = parts.first, parts.count > 1, !first.isExpanded else { return nil }
    let place = axis < 0 ? axis + first.axes.count : axis
    guard first.axes.indices.contains(place), let own = first.axes[place] else { return nil }
    var stretches: [Range<Int>] = []
    for part in parts {
      guard part.name == first.name, part.axes == first.axes, part.pieces == nil,
        !part.isExpanded, let cut = part.cut, cut.axis == own
      else { return nil }
      let count = cut.count ?? first.fileShape[own] - cut.first
      stretches.append(cut.first..<cut.first + count)
    }
    var end = 0
    for stretch in stretches.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      guard stretch.lowerBound == end else { return nil }
      end = stretch.upperBound
    }
    guard end == first.fileShape[own] else { return nil }
    var result = first
    result.cut = nil
    result.pieces = (own, stretches)
    return result
  }

  /// The value after a node; nil where it is no weight any more.
  ///
  /// - Parameters:
  ///   - lengths: those that the node's second input is, where it is known.
  ///   - slice: the stretches of axes that it takes, where they are known.
  func passed(
    through node: ONNXGraph.Node, _ lengths: [Int]?,
    slice: [(axis: Int, first: Int, end: Int?)]? = nil, dropsAxis: Bool = false
  ) -> ONNXWeight? {
    switch node.operation {
    case "Identity": return self
    case "Slice": return slice.flatMap { sliced($0) }
    case "Gather":
      guard var result = slice.flatMap({ sliced($0) }) else { return nil }
      if dropsAxis, let axis = slice?.first?.axis {
        result.axes.remove(at: axis < 0 ? axis + axes.count : axis)
      }
      return result
    case "Expand":
      // Only axes of one index are repeated, so that a sum with it stays the same.
      var result = self
      result.isExpanded = true
      return result
    default: break
    }
    guard cut == nil, pieces == nil else {
      return ["Squeeze", "Unsqueeze"].contains(node.operation) ? resized(node, lengths) : nil
    }
    switch node.operation {
    case "Cast":
      // To Float32 or Float64, which holds every number of the file.
      return isFloatingPoint && [[1], [11]].contains(node.integers("to")) ? self : nil
    case "Transpose": return turned(node.integers("perm") ?? axes.indices.reversed())
    case "Reshape": return reshaped(lengths ?? [], keepsZero: node.integers("allowzero") != [1])
    case "Squeeze", "Unsqueeze": return resized(node, lengths)
    default: return nil
    }
  }

  private func resized(_ node: ONNXGraph.Node, _ lengths: [Int]?) -> ONNXWeight? {
    resized(
      node.integers("axes") ?? lengths, isRemoved: node.operation == "Squeeze",
      hasAxes: node.integers("axes") != nil || node.input(1) != nil)
  }

  /// A stretch of one axis; nil for stretches of several.
  private func sliced(_ slices: [(axis: Int, first: Int, end: Int?)]) -> ONNXWeight? {
    var result = self
    for (axis, first, end) in slices {
      let place = axis < 0 ? axis + axes.count : axis
      guard axes.indices.contains(place), let own = axes[place] else { return nil }
      let length = shape[place]
      let start = first < 0 ? first + length : first
      guard (0..<length).contains(start) else { return nil }
      let stop = end.map { min($0 < 0 ? $0 + length : $0, length) }
      if start == 0, stop == length { continue }
      guard result.cut == nil, stop.map({ $0 > start }) ?? true else { return nil }
      result.cut = (own, start, stop.map { $0 - start })
    }
    return result
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
