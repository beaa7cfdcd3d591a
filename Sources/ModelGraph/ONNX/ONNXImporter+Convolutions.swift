import Catalogs
import Support

/// Convolutions and their like, over one to three axes.
extension ONNXImporter {
  /// The layer that a node over windows reads, and the shape of its value.
  ///
  /// - Returns: the view; nil where nothing is known of the layer's shape.
  private mutating func windows(
    _ node: ONNXGraph.Node, rank: Int
  ) throws -> (layer: Int, view: ONNXView?) {
    switch try value(node, 0) {
    case .unknown(let layer): return (layer, nil)
    case .scores: throw ONNXRefusal(node.operation)
    case .view(let view):
      guard view.axes.count == rank + 2 else {
        throw Diagnostic(
          .badData,
          "a kernel over \(rank) spatial axes cannot read an input of \(view.axes.count) axes")
      }
      let windows = try windowed(view)
      return (windows.layer, windows)
    }
  }

  private func size(of kernel: ONNXWeight, _ node: ONNXGraph.Node) throws -> [Int] {
    let size = Array(kernel.shape.dropFirst(2))
    guard (1...3).contains(size.count), kernel.fileShape.count == kernel.shape.count else {
      throw ONNXRefusal("\(node.operation) with \(describe(kernel.fileShape))")
    }
    if let stated = node.integers("kernel_shape"), stated != size {
      throw Diagnostic(
        .badData, "its kernel_shape is not that of its kernel, \(describe(kernel.shape))")
    }
    return size
  }

  /// A convolution.
  mutating func addConvolution(_ node: ONNXGraph.Node) throws -> ONNXView {
    let kernel = try weight(node, 1)
    let size = try size(of: kernel, node)
    let rank = size.count
    let (source, view) = try windows(node, rank: rank)
    let strides = try node.lengths("strides", count: rank, default: 1)
    let dilation = try node.lengths("dilations", count: rank, default: 1)
    let operation = Operation.convolution(
      Convolution(
        filters: kernel.shape[0], kernelSize: size, strides: strides, dilation: dilation,
        groups: try node.integer("group", default: 1),
        padding: try padding(node, source, size, strides, dilation)))
    let weight = try kernel.parameter(
      .kernel, [.output, .input] + (0..<rank).map { .spatial($0) })
    return try addWindows(node, operation, source, view, [weight], filters: kernel.shape[0], rank)
  }

  /// A convolution turned round.
  mutating func addTransposedConvolution(_ node: ONNXGraph.Node) throws -> ONNXView {
    let kernel = try weight(node, 1)
    let size = try size(of: kernel, node)
    let rank = size.count
    guard try node.integer("group", default: 1) == 1, node.integers("output_shape") == nil,
      ["NOTSET", "VALID"].contains(node.text("auto_pad", default: "NOTSET"))
    else { throw ONNXRefusal("ConvTranspose in groups, or of a stated output") }
    let (source, view) = try windows(node, rank: rank)
    let pads = node.integers("pads") ?? Array(repeating: 0, count: 2 * rank)
    let added = node.integers("output_padding") ?? Array(repeating: 0, count: rank)
    guard pads.count == 2 * rank, added.count == rank,
      (pads + added).allSatisfy({ (0...CheckedShape.longestAxis).contains($0) })
    else { throw Diagnostic(.badData, "its pads are not two lengths for each axis") }
    let operation = Operation.transposedConvolution(
      TransposedConvolution(
        filters: kernel.shape[1], kernelSize: size,
        strides: try node.lengths("strides", count: rank, default: 1),
        dilation: try node.lengths("dilations", count: rank, default: 1),
        crop: (0..<rank).map { Margin(pads[$0], pads[$0 + rank] - added[$0]) }))
    let weight = try kernel.parameter(
      .kernel, [.input, .output] + (0..<rank).map { .spatial($0) })
    return try addWindows(node, operation, source, view, [weight], filters: kernel.shape[1], rank)
  }

  private mutating func addWindows(
    _ node: ONNXGraph.Node, _ operation: Operation, _ source: Int, _ view: ONNXView?,
    _ parameters: [Parameter], filters: Int, _ rank: Int
  ) throws -> ONNXView {
    var bias = try vector(.bias, node, 2, count: filters)
    let added =
      bias == nil
      ? addedVector(to: node.outputs.first, rank: rank + 2, count: filters, trailing: rank) : nil
    bias = bias ?? added?.bias
    let layer = try builder.add(
      name(of: node), operation, inputs: [source],
      parameters: parameters + [bias].compactMap { $0 })
    let order = windowOrder(rank + 2)
    let result =
      if let view { self.view(of: layer, order: order, like: view) } else {
        plainView(of: layer, order: order)
      }
    if let added {
      fused.insert(added.node)
      values[added.sum] = .view(result)
    }
    return result
  }

  /// How windows meet the edges.
  func padding(
    _ node: ONNXGraph.Node, _ source: Int, _ size: [Int], _ strides: [Int], _ dilation: [Int]
  ) throws -> Padding {
    let rank = size.count
    switch node.text("auto_pad", default: "NOTSET") {
    case "NOTSET", "": break
    case "VALID": return .valid
    case "SAME_UPPER": return .same
    case "SAME_LOWER":
      // The odd zero before.
      let lengths = FeatureShape(builder.shape(of: source), builder.channelOrder).spatial
      let known = lengths.compactMap { $0 }
      guard known.count == rank else { throw ONNXRefusal("\(node.operation) with auto_pad") }
      let margins = known.indices.compactMap { axis in
        Padding.same.margin(
          axis: axis, length: known[axis], extent: (size[axis] - 1) * dilation[axis] + 1,
          stride: strides[axis])
      }
      return .explicit(margins.map { Margin($0.after, $0.before) })
    case let other: throw ONNXRefusal("\(node.operation) with auto_pad \(other)")
    }
    let pads = node.integers("pads") ?? Array(repeating: 0, count: 2 * rank)
    guard pads.count == 2 * rank, pads.allSatisfy({ $0 >= 0 && $0 <= CheckedShape.longestAxis })
    else { throw Diagnostic(.badData, "its pads are not two lengths for each axis") }
    return .explicit((0..<rank).map { Margin(pads[$0], pads[$0 + rank]) })
  }

  /// Squares of positions to channels, or back.
  mutating func addDepth(_ node: ONNXGraph.Node) throws -> ONNXView {
    let view = try windowed(try view(node, 0))
    let size = try node.integer("blocksize", default: 0)
    let lengths = view.shape.suffix(2).map(\.integer)
    guard view.axes.count == 4, (1...1024).contains(size), let channels = view.shape[1].integer,
      let height = lengths[0], let width = lengths[1]
    else { throw ONNXRefusal(node.operation) }
    let mover = name(of: node)
    func amounts(_ list: [Int]) -> [ONNXAmount?] { [view.shape[0]] + list.map { ONNXAmount($0) } }
    // As views: a square's positions become parts of the channels, or the other way round.
    let result: ONNXView?
    if node.operation == "SpaceToDepth" {
      guard height % size == 0, width % size == 0 else { throw ONNXRefusal(node.operation) }
      result = view.reshaped(
        to: amounts([channels, height / size, size, width / size, size]), keepsZero: false,
        by: mover
      )?.transposed([0, 3, 5, 1, 2, 4], by: mover)?.reshaped(
        to: amounts([channels * size * size, height / size, width / size]), keepsZero: false,
        by: mover)
    } else {
      guard channels % (size * size) == 0 else { throw ONNXRefusal(node.operation) }
      let rest = channels / (size * size)
      let isColumnRow = node.text("mode", default: "DCR") == "CRD"
      result = view.reshaped(
        to: amounts(
          isColumnRow ? [rest, size, size, height, width] : [size, size, rest, height, width]),
        keepsZero: false, by: mover
      )?.transposed(isColumnRow ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2], by: mover)?.reshaped(
        to: amounts([rest, height * size, width * size]), keepsZero: false, by: mover)
    }
    guard let result else { throw ONNXRefusal(node.operation) }
    return result
  }
}
