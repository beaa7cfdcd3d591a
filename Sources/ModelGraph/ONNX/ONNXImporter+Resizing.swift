import Catalogs
import Support

/// Several positions for each, and padding.
extension ONNXImporter {
  /// Several positions for each, or positions in between.
  mutating func addResize(_ node: ONNXGraph.Node) throws -> ONNXView {
    let view = try windowed(try view(node, 0))
    let rank = view.axes.count
    guard let factors = try factors(node, view), factors.count == rank,
      factors[0] == 1, factors[1] == 1
    else { throw ONNXRefusal(node.operation) }
    let size = factors.dropFirst(2).compactMap { Int(exactly: $0) }
    let order = windowOrder(rank)
    if size.count == rank - 2, size.allSatisfy({ $0 >= 1 }), let repeats = repeats(node, size) {
      let layer = try builder.add(
        name(of: node), .upsampling(Upsampling(size: size, repeats: repeats)),
        inputs: [view.layer])
      return self.view(of: layer, order: order, like: view)
    }
    let features = FeatureShape(builder.shape(of: view.layer), builder.channelOrder)
    let spatial = zip(features.spatial, factors.dropFirst(2)).map { length, factor -> Int? in
      guard let length, factor > 0, factor < 1e6 else { return nil }
      return Int((Double(length) * factor + 1e-9).rounded(.down))
    }
    guard spatial.allSatisfy({ $0.map { $0 >= 1 } ?? true }) else {
      throw ONNXRefusal(node.operation)
    }
    return self.view(
      of: try perChannel(node, view, shape: features.withSpatial(spatial)), order: order, like: view
    )
  }

  /// By how much each axis grows.
  private mutating func factors(_ node: ONNXGraph.Node, _ view: ONNXView) throws -> [Double]? {
    guard node.integers("axes") == nil else { return nil }
    if node.operation == "Upsample" {
      if case .numbers(let list)? = node.attributes["scales"] { return list }
      return known(node, 1)?.numbers
    }
    let scales = source.version < 11 ? 1 : 2
    if node.input(scales) != nil, let list = known(node, scales)?.numbers, !list.isEmpty {
      return list
    }
    guard let sizes = node.input(3).flatMap({ numbers[$0] }),
      sizes.elements.count == view.shape.count
    else { return nil }
    let ratios = zip(sizes.elements, view.shape).map { size, length in
      size?.divided(by: length, isWhole: false)?.number
    }
    let list = ratios.compactMap { $0 }
    return list.count == ratios.count ? list : nil
  }

  /// Whether positions are repeated or interpolated; nil where it is neither as layers do it.
  private func repeats(_ node: ONNXGraph.Node, _ size: [Int]) -> Bool? {
    let mode = node.text("mode", default: "nearest")
    let isOld = node.operation == "Upsample" || source.version < 11
    let place =
      isOld ? "asymmetric" : node.text("coordinate_transformation_mode", default: "half_pixel")
    if mode == "nearest" {
      let rounding = isOld ? "floor" : node.text("nearest_mode", default: "round_prefer_floor")
      switch place {
      case "asymmetric":
        return rounding == "floor"
          || (rounding == "round_prefer_floor" && size.allSatisfy { $0 <= 2 })
          ? true : nil
      case "half_pixel", "pytorch_half_pixel", "half_pixel_symmetric":
        return rounding.hasPrefix("round_prefer") ? true : nil
      default: return nil
      }
    }
    return mode == "linear" && ["half_pixel", "pytorch_half_pixel"].contains(place) ? false : nil
  }

  /// Zeros or repeated positions around the positions, or zeros around the channels.
  mutating func addPadding(_ node: ONNXGraph.Node) throws -> ONNXView {
    var view = try plain(try view(node, 0))
    let rank = view.axes.count
    let pads =
      node.integers("pads") ?? node.integers("paddings")
      ?? node.input(1).flatMap { numbers[$0] }?.integers
    let value = node.input(2).map { commonNumber($0) } ?? node.number("value", default: 0)
    guard let pads, pads.count == 2 * rank, node.input(3) == nil,
      pads.allSatisfy({ (-(1 << 20)...(1 << 20)).contains($0) })
    else { throw ONNXRefusal(node.operation) }
    if builder.channelOrder == .last, rank > 2, pads[1] == 0, pads[1 + rank] == 0,
      let last = view.axes.indices.first(where: { isChannels(view, $0) && !view.axes[$0].isEmpty }),
      last > 1, pads[last] != 0 || pads[last + rank] != 0
    {
      // As the data come, the axis that stands last is one of positions.
      view = try windowed(view)
    }
    let shape = builder.shape(of: view.layer)
    var margins = shape.map { _ in Margin(0, 0) }
    for axis in 0..<rank where pads[axis] != 0 || pads[axis + rank] != 0 {
      guard let place = layerAxis(view, axis) else { throw ONNXRefusal("Pad of the examples") }
      margins[place] = Margin(pads[axis], pads[axis + rank])
    }
    let mode = node.text("mode", default: "constant")
    if let kind = EdgePadding.Kind(rawValue: mode), shape.count == 1, rank == 2,
      margins[0].before >= 0, margins[0].after >= 0, margins[0] != Margin(0, 0)
    {
      return try paddedRow(node, view, EdgePadding(kind: kind, margins: margins))
    }
    let channels = channelAxis(view.layer)
    let spatial = margins.indices.filter { $0 != channels }.map { margins[$0] }
    let isConstant = mode == "constant" && value == 0
    let isSpatial = spatial.contains { $0.before != 0 || $0.after != 0 }
    let isOfChannels = margins[channels].before != 0 || margins[channels].after != 0
    let wider = zip(shape, margins).map { length, margin in
      length.map { $0 + margin.before + margin.after }
    }
    let operation: Operation
    var target: [Int?]?
    if !isSpatial, !isOfChannels {
      return view
    } else if isOfChannels {
      guard isConstant, !isSpatial, margins[channels].before >= 0, margins[channels].after >= 0
      else { return try addOddPadding(node, view, wider) }
      operation = .channelPadding(margins[channels])
    } else if spatial.allSatisfy({ $0.before <= 0 && $0.after <= 0 }) {
      operation = .cropping(spatial.map { Margin(-$0.before, -$0.after) })
    } else if isConstant, spatial.allSatisfy({ $0.before >= 0 && $0.after >= 0 }) {
      operation = .zeroPadding(spatial)
    } else if let kind = EdgePadding.Kind(rawValue: mode),
      spatial.allSatisfy({ $0.before >= 0 && $0.after >= 0 })
    {
      operation = .edgePadding(EdgePadding(kind: kind, margins: spatial))
    } else {
      operation = .perChannel(node.operation)
      builder.cannotRun("node \(name(of: node)): padding by other numbers than zeros is not run")
      target = wider
    }
    let layer = try builder.add(
      name(of: node), operation, inputs: [view.layer], outputShape: target)
    let order = (0..<shape.count).compactMap { place in
      view.axes.indices.first {
        layerAxis(view, $0) == place && view.axes[$0].first?.isBatch != true
      }
    }
    guard order.count == shape.count else {
      // Axes of one index that cannot be told apart.
      throw ONNXRefusal(node.operation)
    }
    return self.view(of: layer, order: order, like: view)
  }

  /// Repeated elements around a row of them: a wave before its channels are made.
  private mutating func paddedRow(
    _ node: ONNXGraph.Node, _ view: ONNXView, _ padding: EdgePadding
  ) throws -> ONNXView {
    let isFirst = builder.channelOrder == .first
    let name = name(of: node)
    let length = builder.shape(of: view.layer)[0]
    let row = try builder.add(
      "\(name)/row", .reshape(isFirst ? [1, length ?? -1] : [length ?? -1, 1]),
      inputs: [view.layer], outputShape: isFirst ? [1, length] : [length, 1])
    let layer = try builder.add(name, .edgePadding(padding), inputs: [row])
    let axis = isFirst ? 1 : 0
    let longer = builder.shape(of: layer)[axis].map { ONNXAmount($0) } ?? unknownLength()
    var result = view.of(layer)
    result.axes = view.axes.map { parts in
      parts.contains { !$0.isBatch }
        ? [ONNXView.Part(axis: axis, place: 0, length: longer)] : parts
    }
    return result
  }

  /// Padding of channels by other numbers than zeros: not understood, but its shape is known.
  private mutating func addOddPadding(
    _ node: ONNXGraph.Node, _ view: ONNXView, _ shape: [Int?]
  ) throws -> ONNXView {
    guard CheckedShape.isPlausible(shape), view.exampleAxes.count == shape.count else {
      throw ONNXRefusal("Pad of channels")
    }
    let name = name(of: node)
    builder.skip(name, "operations of type Pad of channels are not understood")
    builder.cannotRun("node \(name): operations of type Pad of channels are not understood")
    strays += node.inputs
    let order = view.exampleAxes.sorted {
      layerAxis(view, $0) ?? 0 < layerAxis(view, $1) ?? 0
    }
    let layer = try builder.add(
      name, .unsupported("Pad of channels"), inputs: [view.layer], outputShape: shape)
    return self.view(of: layer, order: order, like: view)
  }
}
