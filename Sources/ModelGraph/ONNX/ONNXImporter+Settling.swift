import Catalogs
import Support

/// Layers that bring the elements of a value into the order that another layer reads.
extension ONNXImporter {
  /// Where the channels of a layer's output stand.
  func channelAxis(_ layer: Int) -> Int {
    FeatureShape(builder.shape(of: layer), builder.channelOrder).channelAxis
  }

  /// Whether an axis of a value is the channels of its layer, all of them.
  func isChannels(_ view: ONNXView, _ axis: Int) -> Bool {
    !builder.shape(of: view.layer).isEmpty && view.axes.indices.contains(axis)
      && view.isWhole(axis, channelAxis(view.layer))
  }

  /// A view of a layer whose axes are those of the value in an order, but for the batch.
  ///
  /// - Parameter order: for each axis of the layer, that of the value. Other axes have to be the batch,
  ///   or of one index. Where the batch lies in one axis with others, it is left out.
  /// - Throws: `ONNXRefusal` where lengths are not known well enough to move the elements.
  mutating func settled(_ view: ONNXView, order: [Int]) throws -> ONNXView {
    let others = Set(view.axes.indices).subtracting(order)
    guard others.allSatisfy({ view.axes[$0].allSatisfy(\.isBatch) }) else {
      throw ONNXRefusal("an operation on axes that stand where the examples do")
    }
    let wanted = order.map { view.axes[$0].filter { !$0.isBatch } }
    let rank = builder.shape(of: view.layer).count
    let current = (0..<rank).map(view.parts(ofLayerAxis:))
    if wanted == current { return view }
    let lengths = wanted.map { ONNXAmount.product($0.map(\.length)) }
    let operation: Operation
    if wanted.joined().elementsEqual(current.joined()) {
      let open = lengths.count { $0.integer == nil }
      guard open <= 1 else { throw ONNXRefusal("a shape that only the data decide") }
      operation = wanted.count == 1 ? .flatten : .reshape(lengths.map { $0.integer ?? -1 })
    } else {
      operation = .rearrange(try rearrangement(from: current, to: wanted))
    }
    let name = view.mover ?? "\(builder.name(of: view.layer))/order"
    let layer = try builder.add(
      name, operation, inputs: [view.layer], outputShape: lengths.map(\.integer))
    var result = view.of(layer)
    result.mover = nil
    for (place, axis) in order.enumerated() {
      var next = 0
      result.axes[axis] = view.axes[axis].map { part in
        guard !part.isBatch else { return part }
        next += 1
        return ONNXView.Part(axis: place, place: next - 1, length: part.length)
      }
    }
    return result.normalized
  }

  private func rearrangement(
    from current: [[ONNXView.Part]], to wanted: [[ONNXView.Part]]
  ) throws -> Rearrangement {
    let places = Array(current.joined())
    let order = wanted.joined().compactMap { places.firstIndex(of: $0) }
    guard order.count == places.count, Set(order).count == order.count else {
      throw ONNXRefusal("an order of elements that is not understood")
    }
    for row in current + wanted where row.count > 1 {
      guard row.allSatisfy({ $0.length.integer != nil }) else {
        throw ONNXRefusal("a shape that only the data decide")
      }
    }
    return Rearrangement(
      split: current.map { $0.map { $0.length.integer ?? -1 } }, order: order,
      joined: wanted.map(\.count))
  }

  /// The order of a layer's axes for a value whose axis 1 is the channels, and whose axis 0 the batch.
  func windowOrder(_ rank: Int) -> [Int] {
    builder.channelOrder == .first ? Array(1..<rank) : Array(2..<rank) + [1]
  }

  /// The value as a layer over positions reads it: the batch, the channels, then the positions.
  mutating func windowed(_ view: ONNXView) throws -> ONNXView {
    guard view.axes.count >= 2, view.axes[0].allSatisfy(\.isBatch) else {
      throw ONNXRefusal("an operation on windows of what has no axis of examples")
    }
    return try settled(view, order: windowOrder(view.axes.count))
  }

  /// The value with its axes as the layer's, whichever of them the channels are.
  mutating func plain(_ view: ONNXView) throws -> ONNXView {
    let axes = view.exampleAxes
    let rank = builder.shape(of: view.layer).count
    if axes.count == rank {
      // As it lies, where each axis is one of the layer's.
      var order: [Int] = []
      var left = axes
      for layerAxis in 0..<rank {
        guard let place = left.firstIndex(where: { view.isWhole($0, layerAxis) }) else { break }
        order.append(left.remove(at: place))
      }
      if order.count == rank { return view }
    }
    return try settled(view, order: axes)
  }

  /// The axis of the layer that an axis of the value is; nil where it is none as a whole.
  func layerAxis(_ view: ONNXView, _ axis: Int) -> Int? {
    if let part = view.axes[axis].first {
      return !part.isBatch && view.isWhole(axis, part.axis) ? part.axis : nil
    }
    let rank = builder.shape(of: view.layer).count
    return (0..<rank).first { view.isWhole(axis, $0) }
  }

  /// The view of a layer made anew: its axes are those of the value in an order.
  ///
  /// - Parameters:
  ///   - like: the view of what the layer reads, for the batch and for lengths that stay.
  ///   - kept: the axes of the value whose length stays.
  mutating func view(
    of layer: Int, order: [Int], like view: ONNXView, keeping kept: Set<Int> = []
  ) -> ONNXView {
    let shape = builder.shape(of: layer)
    var result = ONNXView(layer: layer, axes: view.axes, mover: nil)
    for (place, axis) in order.enumerated() {
      let length =
        shape[place].map { ONNXAmount($0) }
        ?? (kept.contains(axis) ? view.shape[axis] : unknownLength())
      result.axes[axis] =
        length.isOne ? [] : [ONNXView.Part(axis: place, place: 0, length: length)]
    }
    return result
  }

  /// The view of a layer that has the batch first and then its axes in order.
  mutating func plainView(of layer: Int, order: [Int]? = nil) -> ONNXView {
    let shape = builder.shape(of: layer)
    let examples = batch.isOne ? [] : [ONNXView.Part(axis: -1, place: 0, length: batch)]
    let empty = ONNXView(
      layer: layer, axes: [examples] + shape.map { _ in [] }, mover: nil)
    return view(of: layer, order: order ?? Array(1..<(shape.count + 1)), like: empty)
  }
}
