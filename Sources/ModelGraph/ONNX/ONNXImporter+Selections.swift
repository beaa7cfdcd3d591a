import Catalogs
import Support

/// Parts of values: Slice and Split.
extension ONNXImporter {
  /// A stretch of an axis: its first index, negative where counted from the end, and how many; nil for
  /// all to the end.
  struct Stretch {
    var first: Int
    var count: Int?
  }

  /// The slices that a node takes, where they are known: axis, first and end.
  func slice(of node: ONNXGraph.Node) -> [(axis: Int, first: Int, end: Int?)]? {
    func list(_ name: String, _ index: Int) -> [Int?]? {
      node.integers(name) ?? node.input(index).flatMap { numbers[$0] }?.elements.map { $0?.integer }
    }
    switch node.operation {
    case "Slice":
      guard let starts = list("starts", 1), let ends = list("ends", 2), starts.count == ends.count
      else { return nil }
      let axes = list("axes", 3) ?? starts.indices.map { $0 }
      let steps = list("steps", 4) ?? starts.map { _ in 1 }
      guard axes.count == starts.count, steps.allSatisfy({ $0 == 1 }) else { return nil }
      var result: [(Int, Int, Int?)] = []
      for place in starts.indices {
        guard let axis = axes[place], let start = starts[place] else { return nil }
        result.append((axis, start, ends[place]))
      }
      return result
    case "Gather":
      guard let list = node.input(1).flatMap({ numbers[$0] })?.integers, let first = list.first,
        list == Array(first..<(first + list.count)), first >= 0,
        let axis = try? node.integer("axis", default: 0)
      else { return nil }
      return [(axis, first, first + list.count)]
    default: return nil
    }
  }

  mutating func addSlice(_ node: ONNXGraph.Node) throws -> ONNXView {
    guard let slices = slice(of: node) else { throw ONNXRefusal(node.operation) }
    var view = try view(node, 0)
    for (axis, first, end) in slices {
      let place = axis < 0 ? axis + view.axes.count : axis
      guard view.axes.indices.contains(place) else { throw ONNXRefusal(node.operation) }
      let length = view.shape[place].integer
      var stretch = Stretch(first: first, count: nil)
      if let length {
        let start = min(max(first < 0 ? first + length : first, 0), length)
        guard let end else { throw ONNXRefusal("Slice to an end that is not known") }
        let stop = min(max(end < 0 ? end + length : end, 0), length)
        guard stop > start else { throw ONNXRefusal("Slice of nothing") }
        stretch = Stretch(first: start, count: stop - start)
      } else if let end, end < Int(Int32.max) {
        // Of an axis whose length only the data decide.
        guard (first >= 0) == (end >= 0), end > first else { throw ONNXRefusal(node.operation) }
        stretch.count = end - first
      } else if end == nil {
        throw ONNXRefusal("Slice to an end that is not known")
      }
      view = try selected(node, view, place, stretch)
    }
    return view
  }

  mutating func addSplit(_ node: ONNXGraph.Node) throws -> [ONNXValue?] {
    let view = try view(node, 0)
    let axis = try node.integer("axis", default: 0)
    let place = axis < 0 ? axis + view.axes.count : axis
    guard view.axes.indices.contains(place), let length = view.shape[place].integer else {
      throw ONNXRefusal(node.operation)
    }
    let count = node.outputs.count
    let width = (length + count - 1) / count
    let sizes =
      node.integers("split") ?? node.input(1).flatMap { numbers[$0] }?.integers
      ?? (0..<count).map { min(width, length - $0 * width) }
    guard sizes.count == count, sizes.allSatisfy({ $0 > 0 && $0 <= length }),
      sizes.reduce(0, +) == length, node.input(1) == nil || numbers[node.inputs[1]] != nil
    else { throw ONNXRefusal(node.operation) }
    var first = 0
    var results: [ONNXValue?] = []
    for size in sizes {
      results.append(.view(try selected(node, view, place, Stretch(first: first, count: size))))
      first += size
    }
    return results
  }

  /// A stretch of an axis of a value.
  mutating func selected(
    _ node: ONNXGraph.Node, _ view: ONNXView, _ axis: Int, _ stretch: Stretch
  ) throws -> ONNXView {
    if let length = view.shape[axis].integer, stretch.first == 0, stretch.count == length {
      return view
    }
    if stretch.first == 0, stretch.count == nil { return view }
    guard view.axes[axis].count == 1, let part = view.axes[axis].first, !part.isBatch else {
      throw ONNXRefusal("\(node.operation) of the examples")
    }
    if part.axis == channelAxis(view.layer) {
      return try selectedChannels(node, view, axis, part, stretch)
    }
    guard view.isWhole(axis, part.axis) else { throw ONNXRefusal(node.operation) }
    let shape = builder.shape(of: view.layer)
    let spatial = shape.indices.filter { $0 != channelAxis(view.layer) }
    let operation: Operation
    var length: Int?
    if let whole = shape[part.axis], let count = stretch.count {
      length = count
      operation = .cropping(
        spatial.map {
          $0 == part.axis ? Margin(stretch.first, whole - stretch.first - count) : Margin(0, 0)
        })
    } else if stretch.count == nil, stretch.first > 0 {
      operation = .cropping(
        spatial.map { $0 == part.axis ? Margin(stretch.first, 0) : Margin(0, 0) })
    } else if let count = stretch.count, shape.count == 2, builder.channelOrder == .last {
      length = count
      operation = .steps(StepSelection(first: stretch.first, count: count))
    } else {
      throw ONNXRefusal(node.operation)
    }
    let layer = try builder.add(name(of: node), operation, inputs: [view.layer])
    var result = view.of(layer)
    let amount = length.map { ONNXAmount($0) } ?? unknownLength()
    result.axes[axis] =
      amount.isOne ? [] : [ONNXView.Part(axis: part.axis, place: 0, length: amount)]
    return result
  }

  /// A stretch of a part of the channels: as many blocks as the parts before it have indices.
  private mutating func selectedChannels(
    _ node: ONNXGraph.Node, _ view: ONNXView, _ axis: Int, _ part: ONNXView.Part,
    _ stretch: Stretch
  ) throws -> ONNXView {
    let all = view.parts(ofLayerAxis: part.axis)
    let outer = ONNXAmount.product(all.filter { $0.place < part.place }.map(\.length)).integer
    let inner = ONNXAmount.product(all.filter { $0.place > part.place }.map(\.length)).integer
    guard let outer, let inner, let length = part.length.integer, stretch.first >= 0 else {
      throw ONNXRefusal(node.operation)
    }
    let count = stretch.count ?? length - stretch.first
    guard count >= 1, stretch.first + count <= length else { throw ONNXRefusal(node.operation) }
    let layer = try builder.add(
      name(of: node),
      .select(
        ChannelSelection(
          start: stretch.first * inner, width: count * inner, stride: length * inner, count: outer)
      ), inputs: [view.layer])
    var result = view.of(layer)
    result.axes[axis] =
      [ONNXView.Part(axis: part.axis, place: part.place, length: ONNXAmount(count))]
    return result.normalized
  }
}
