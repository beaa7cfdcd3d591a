/// What a node's output is in terms of a layer's: each of its axes a row of parts of the layer's axes,
/// outer before inner. Nodes that only move elements about (Reshape, Transpose, Squeeze, Flatten) make
/// other views of one layer, and no layers.
///
/// Axes of one index have no parts; the batch is a part like others.
struct ONNXView {
  /// A part of an axis of the layer's output, or of the batch.
  struct Part: Hashable {
    /// The axis of the layer's output, without the batch; −1 for the batch.
    var axis: Int
    /// Its place among the parts of that axis, outer before inner.
    var place: Int
    /// How many indices it has.
    var length: ONNXAmount

    /// Whether it is the batch.
    var isBatch: Bool { axis < 0 }
  }

  /// The layer.
  var layer: Int
  /// The axes of the value.
  var axes: [[Part]]
  /// The node that moved the elements last, after which a layer that has to do so is called.
  var mover: String?

  /// The shape of the value.
  var shape: [ONNXAmount] { axes.map { ONNXAmount.product($0.map(\.length)) } }

  /// All parts in the order of the value's elements.
  var parts: [Part] { axes.flatMap { $0 } }

  /// The parts of an axis of the layer, in order.
  func parts(ofLayerAxis axis: Int) -> [Part] {
    parts.filter { $0.axis == axis }.sorted { $0.place < $1.place }
  }

  /// Whether an axis of the value is a whole axis of the layer.
  func isWhole(_ axis: Int, _ layerAxis: Int) -> Bool {
    let own = axes[axis]
    return own.count <= 1 && own == parts(ofLayerAxis: layerAxis)
  }

  /// The axis that is the batch and nothing else; where the batch has one index, the first axis that
  /// may be it.
  var batchAxis: Int? {
    if let axis = axes.firstIndex(where: { $0.count == 1 && $0[0].isBatch }) { return axis }
    if parts.contains(where: \.isBatch) { return nil }
    return axes.dropLast().firstIndex { $0.isEmpty }
  }

  /// The axes without the batch.
  var exampleAxes: [Int] {
    let batch = batchAxis
    return axes.indices.filter { $0 != batch }
  }

  /// The same view of another layer, whose output has the same shape.
  func of(_ layer: Int) -> ONNXView {
    var result = self
    result.layer = layer
    return result
  }

  /// The view with parts that follow each other as one part, and the places counted anew.
  var normalized: ONNXView {
    var spans: [[(part: Part, last: Int)]] = []
    for axis in axes {
      var row: [(part: Part, last: Int)] = []
      for part in axis where !part.length.isOne {
        if let before = row.last, before.part.axis == part.axis, !part.isBatch,
          before.last + 1 == part.place
        {
          row[row.count - 1].part.length = before.part.length * part.length
          row[row.count - 1].last = part.place
        } else {
          row.append((part, part.place))
        }
      }
      spans.append(row)
    }
    let starts = Dictionary(grouping: spans.flatMap { $0 }.map(\.part), by: \.axis)
      .mapValues { $0.map(\.place).sorted() }
    var result = self
    result.axes = spans.map { row in
      row.map { span in
        var part = span.part
        part.place = starts[part.axis]?.firstIndex(of: part.place) ?? 0
        return part
      }
    }
    return result
  }

  /// The view with its axes in another order.
  func transposed(_ order: [Int], by mover: String) -> ONNXView? {
    guard order.sorted() == Array(axes.indices) else { return nil }
    var result = self
    result.axes = order.map { axes[$0] }
    result.mover = mover
    return result
  }

  /// The view with axes of one index taken out; nil where one has more.
  func squeezed(_ list: [Int]?, by mover: String) -> ONNXView? {
    let places =
      list.map { Set($0.map { $0 < 0 ? $0 + axes.count : $0 }) }
      ?? Set(axes.indices.filter { axes[$0].isEmpty })
    guard places.allSatisfy({ axes.indices.contains($0) && axes[$0].isEmpty }) else { return nil }
    var result = self
    result.axes = axes.indices.filter { !places.contains($0) }.map { axes[$0] }
    result.mover = mover
    return result
  }

  /// The view with axes of one index put in.
  func unsqueezed(_ list: [Int], by mover: String) -> ONNXView? {
    let rank = axes.count + list.count
    let places = Set(list.map { $0 < 0 ? $0 + rank : $0 })
    guard rank <= 16, places.count == list.count, places.allSatisfy((0..<rank).contains) else {
      return nil
    }
    var left = axes[...]
    var result = self
    result.axes = (0..<rank).map { places.contains($0) ? [] : left.popFirst() ?? [] }
    result.mover = mover
    return result
  }
}
