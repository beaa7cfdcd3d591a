import Support

/// The shape of an example, split into its channel axis and its spatial axes.
struct FeatureShape {
  /// The whole shape.
  var shape: [Int?]
  /// Where the channels stand.
  var channelOrder: ModelGraph.ChannelOrder

  init(_ shape: [Int?], _ channelOrder: ModelGraph.ChannelOrder) {
    self.shape = shape
    self.channelOrder = channelOrder
  }

  /// The axis of the channels.
  var channelAxis: Int { channelOrder == .first ? 0 : max(0, shape.count - 1) }
  /// The number of channels, where known.
  var channels: Int? { shape.isEmpty ? nil : shape[channelAxis] }
  /// The lengths of the other axes.
  var spatial: [Int?] {
    guard !shape.isEmpty else { return [] }
    return channelOrder == .first ? Array(shape.dropFirst()) : Array(shape.dropLast())
  }

  /// The shape with another number of channels.
  func withChannels(_ channels: Int?) -> [Int?] {
    channelOrder == .first ? [channels] + spatial : spatial + [channels]
  }

  /// The shape with other lengths of the spatial axes.
  func withSpatial(_ lengths: [Int?]) -> [Int?] {
    channelOrder == .first ? [channels] + lengths : lengths + [channels]
  }

  /// Itself, where the channels are the last axis.
  func requireLastChannels(_ what: String) throws -> FeatureShape {
    guard channelOrder == .last || shape.count <= 1 else {
      throw Diagnostic(
        .badData, "a \(what) layer works on the last axis, and here the channels are the first",
        remedy: "describe it with 'channels: last', whatever the framework")
    }
    return self
  }

  /// The shape after a convolution.
  func convolved(by convolution: Convolution) throws -> [Int?] {
    let groups = convolution.groups
    guard convolution.filters >= 1, groups >= 1, convolution.filters % groups == 0 else {
      throw Diagnostic(
        .badData, "\(convolution.filters) filters do not divide into \(groups) groups")
    }
    if let channels, channels % groups != 0 {
      throw Diagnostic(.badData, "\(channels) channels do not divide into \(groups) groups")
    }
    let result = try windowed(
      size: convolution.kernelSize, strides: convolution.strides,
      dilation: convolution.dilation, padding: convolution.padding, what: "convolution")
    return FeatureShape(result, channelOrder).withChannels(convolution.filters)
  }

  /// The shape after windows have passed over the spatial axes.
  func windowed(
    size: [Int], strides: [Int], dilation: [Int], padding: Padding, what: String
  ) throws -> [Int?] {
    // Of a shape that is not known at all, the window tells the number of axes.
    let lengths = shape.isEmpty ? size.map { _ in nil } : spatial
    guard lengths.count == size.count, strides.count == size.count, dilation.count == size.count
    else {
      throw Diagnostic(
        .badData,
        "a \(what) over \(size.count) spatial axes cannot read an input of \(describe(shape))")
    }
    guard CheckedShape.isPlausible(size), CheckedShape.isPlausible(strides),
      CheckedShape.isPlausible(dilation)
    else { throw Diagnostic(.badData, "a window, a stride or a dilation is not a positive length") }
    return withSpatial(
      try lengths.indices.map { axis in
        guard let length = lengths[axis] else { return nil }
        let extent = (size[axis] - 1) * dilation[axis] + 1
        let stride = strides[axis]
        let padded: Int
        switch padding {
        case .same, .causal: return (length + stride - 1) / stride
        case .valid: padded = length
        case .explicit(let margins):
          guard margins.count == lengths.count,
            margins.allSatisfy({ $0.before >= 0 && $0.after >= 0 })
          else {
            throw Diagnostic(.badData, "the padding is not one for each of its axes")
          }
          padded = length + margins[axis].before + margins[axis].after
        }
        guard padded >= extent else {
          throw Diagnostic(
            .badData, "a window of \(extent) positions does not fit into \(padded)")
        }
        return (padded - extent) / stride + 1
      })
  }

  /// The shape after a transposed convolution.
  func convolved(byTransposed convolution: TransposedConvolution) throws -> [Int?] {
    let rank = convolution.kernelSize.count
    let lengths = shape.isEmpty ? convolution.kernelSize.map { _ in nil } : spatial
    guard lengths.count == rank, convolution.strides.count == rank,
      convolution.dilation.count == rank, convolution.crop.count == rank,
      convolution.filters >= 1, CheckedShape.isPlausible(convolution.kernelSize),
      CheckedShape.isPlausible(convolution.strides), CheckedShape.isPlausible(convolution.dilation)
    else {
      throw Diagnostic(
        .badData,
        "a transposed convolution over \(rank) spatial axes cannot read an input of "
          + describe(shape))
    }
    let result = try lengths.enumerated().map { axis, length -> Int? in
      guard let length else { return nil }
      guard let made = convolution.outputLength(length, axis: axis) else {
        throw Diagnostic(.badData, "nothing is left of an axis of \(length) positions")
      }
      return made
    }
    return FeatureShape(withSpatial(result), channelOrder).withChannels(convolution.filters)
  }

  /// The shape with so many positions for each.
  func stretched(_ size: [Int]) throws -> [Int?] {
    let lengths = shape.isEmpty ? size.map { _ in nil } : spatial
    guard lengths.count == size.count, CheckedShape.isPlausible(size) else {
      throw Diagnostic(
        .badData, "upsampling of \(size.count) axes does not fit an input of \(describe(shape))")
    }
    return withSpatial(
      try zip(lengths, size).map { length, factor in
        guard let length else { return nil }
        guard let product = CheckedShape.product([length, factor]) else {
          throw Diagnostic(.badData, "its output overflows")
        }
        return product
      })
  }

  /// The shape with margins added (`sign` 1) or taken away (−1).
  func widened(_ margins: [Margin], sign: Int) throws -> [Int?] {
    let lengths = spatial
    guard margins.count == lengths.count,
      margins.allSatisfy({ $0.before >= 0 && $0.after >= 0 })
    else {
      throw Diagnostic(
        .badData, "margins on \(margins.count) axes do not fit an input of \(describe(shape))")
    }
    return withSpatial(
      try lengths.indices.map { axis in
        guard let length = lengths[axis] else { return nil }
        let result = length + sign * (margins[axis].before + margins[axis].after)
        guard result >= 1 else {
          throw Diagnostic(.badData, "nothing is left of an axis of \(length) positions")
        }
        return result
      })
  }
}
