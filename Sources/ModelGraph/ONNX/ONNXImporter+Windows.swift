import Catalogs
import Support

/// Pooling and reductions.
extension ONNXImporter {
  /// Windows that become one position each.
  mutating func addPooling(_ node: ONNXGraph.Node) throws -> ONNXView {
    let view = try windowed(try view(node, 0))
    let rank = view.axes.count - 2
    guard (1...3).contains(rank), node.outputs.dropFirst().allSatisfy({ readers[$0] == nil }) else {
      throw ONNXRefusal(node.operation)
    }
    let size = try node.lengths("kernel_shape", count: rank, default: 0)
    let strides = try node.lengths("strides", count: rank, default: 1)
    let dilation = try node.lengths("dilations", count: rank, default: 1)
    let ceils = try node.integer("ceil_mode", default: 0) != 0
    let countsPadding = try node.integer("count_include_pad", default: 0) != 0
    var padding = try padding(node, view.layer, size, strides, dilation)
    let features = FeatureShape(builder.shape(of: view.layer), builder.channelOrder)
    var isUsual = node.operation != "LpPool" && dilation.allSatisfy { $0 == 1 }
    if ceils, case .explicit(let margins) = padding {
      let wider = try roundedUp(features.spatial, size, strides, dilation, margins)
      if wider != margins, node.operation == "AveragePool", countsPadding { isUsual = false }
      padding = .explicit(wider)
    }
    let order = windowOrder(view.axes.count)
    if isUsual {
      let pooling = Pooling(
        kind: node.operation == "MaxPool" ? .maximum : .average, size: size, strides: strides,
        padding: padding, countsPadding: countsPadding)
      let layer = try builder.add(name(of: node), .pooling(pooling), inputs: [view.layer])
      return self.view(of: layer, order: order, like: view)
    }
    let shape = try features.windowed(
      size: size, strides: strides, dilation: dilation, padding: padding, what: node.operation)
    return self.view(of: try perChannel(node, view, shape: shape), order: order, like: view)
  }

  /// The margins with which windows that reach beyond the end count, too.
  private func roundedUp(
    _ lengths: [Int?], _ size: [Int], _ strides: [Int], _ dilation: [Int], _ margins: [Margin]
  ) throws -> [Margin] {
    try lengths.indices.map { axis in
      guard let length = lengths[axis] else { throw ONNXRefusal("windows rounded up") }
      let extent = (size[axis] - 1) * dilation[axis] + 1
      let margin = margins[axis]
      let rest = (length + margin.before + margin.after - extent) % strides[axis]
      guard rest > 0 else { return margin }
      let added = strides[axis] - rest
      // A window that would begin behind the input is one that frameworks disagree about.
      let last = length + margin.before + margin.after + added - extent
      guard last < length + margin.before, margin.after + added < extent else {
        throw ONNXRefusal("windows rounded up")
      }
      return Margin(margin.before, margin.after + added)
    }
  }

  /// Reductions that leave a single number as it is.
  private static let keepsOne: Set<String> = [
    "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSum",
    "ReduceProd",
  ]

  /// One number for all positions, or for some axes.
  mutating func addReduction(_ node: ONNXGraph.Node) throws -> ONNXView {
    let view = try view(node, 0)
    let rank = view.axes.count
    let isGlobal = node.operation.hasPrefix("Global")
    let stated = isGlobal ? Array(2..<max(2, rank)) : axes(of: node)
    let keeps = try isGlobal || node.integer("keepdims", default: 1) != 0
    guard let stated, !stated.isEmpty else { throw ONNXRefusal(node.operation) }
    let axes = Set(stated.map { $0 < 0 ? $0 + rank : $0 })
    guard axes.allSatisfy({ view.axes.indices.contains($0) }),
      axes.allSatisfy({ axis in !view.axes[axis].contains { $0.isBatch } })
    else { throw ONNXRefusal("\(node.operation) over the examples") }
    if axes.allSatisfy({ view.axes[$0].isEmpty }), Self.keepsOne.contains(node.operation) {
      // Of one number each.
      var same = view
      for axis in axes.sorted(by: >) where !keeps { same.axes.remove(at: axis) }
      return same
    }
    let ordered = try plain(view)
    let channels = ordered.axes.indices.first {
      isChannels(ordered, $0) && !ordered.axes[$0].isEmpty
    }
    let examples = ordered.exampleAxes
    if let channels, axes.contains(channels) {
      throw ONNXRefusal("\(node.operation) over channels")
    }
    let others = examples.filter { !axes.contains($0) && !ordered.axes[$0].isEmpty }
    let kind: Pooling.Kind? =
      ["GlobalAveragePool", "ReduceMean"].contains(node.operation)
      ? .average : ["GlobalMaxPool", "ReduceMax"].contains(node.operation) ? .maximum : nil
    let source = builder.shape(of: ordered.layer)
    if let kind, let channels, others == [channels], source.count > 1 {
      let layer = try builder.add(
        name(of: node), .globalPooling(kind, keepsAxes: false), inputs: [ordered.layer])
      var result = ordered.of(layer)
      for axis in axes { result.axes[axis] = [] }
      result.axes[channels] = result.axes[channels].map {
        ONNXView.Part(axis: 0, place: $0.place, length: $0.length)
      }
      for axis in axes.sorted(by: >) where !keeps { result.axes.remove(at: axis) }
      result.mover = nil
      return result
    }
    guard channels != nil else { throw ONNXRefusal("\(node.operation) over channels") }
    var shape = source
    for axis in axes {
      guard let place = layerAxis(ordered, axis) else { throw ONNXRefusal(node.operation) }
      shape[place] = 1
    }
    var result = ordered.of(try perChannel(node, ordered, shape: shape))
    for axis in axes { result.axes[axis] = [] }
    for axis in axes.sorted(by: >) where !keeps { result.axes.remove(at: axis) }
    return result
  }
}
