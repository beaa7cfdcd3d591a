extension SymmetryDerivation {
  /// The units along the channel axis of a layer's output, after tying what the layer ties.
  mutating func outputUnits(of index: Int) -> [Piece] {
    let layer = graph.layers[index]
    let inputs = layer.inputs.map { channels[$0] }
    let input = inputs.first ?? []
    switch layer.operation {
    case .input: return frozen(index)
    case .dense(let units): return fresh(units, owner: index)
    case .embedding(_, let size, _): return fresh(size, owner: index)
    case .recurrent(let recurrent):
      // The states that it begins with are its own units.
      let units = fresh(recurrent.units, owner: index)
      for state in layer.inputs.dropFirst() { tieState(state, units) }
      return units
    case .transposedConvolution(let convolution):
      return fresh(convolution.filters, owner: index)
    case .convolution(let convolution): return convolved(index, convolution, input)
    case .pooling, .globalPooling, .zeroPadding, .edgePadding, .cropping, .batchNormalization,
      .layerNormalization, .activation, .dropout, .masking, .rescaling, .upsampling,
      .recurrentState, .perChannel:
      return input
    case .rearrange(let rearrangement):
      return rearranged(index, rearrangement, layer.inputs[0], input)
    case .flatten: return flattened(index, layer.inputs[0], input)
    case .reshape: return reshaped(index, layer.inputs[0], input)
    case .add, .multiply, .elementwise: return merged(index, layer.inputs)
    case .concatenate(let axis): return joined(index, layer.inputs, axis: axis)
    case .channelPadding(let margin):
      // Zeros are the same in every order, so they put no tie on what they are added to.
      let before = margin.before > 0 ? fresh(margin.before, owner: index) : []
      return before + input + (margin.after > 0 ? fresh(margin.after, owner: index) : [])
    case .attention, .rmsNormalization, .groupNormalization, .select, .tableAddition,
      .sinusoidalPositions, .prepend, .channelScale, .parametricRelu, .steps, .stepDense, .routing,
      .mixture, .selectiveScan, .spaceToDepth:
      return sequenceUnits(of: index)
    case .unsupported:
      for pieces in inputs { variables.freeze(pieces) }
      return frozen(index)
    }
  }

  private mutating func tieState(_ source: Int, _ units: [Piece]) {
    if features(source).channels == nil {
      // What is not known stays, and so does what begins with it.
      variables.freeze(channels[source])
      variables.freeze(units)
    } else {
      variables.tie(units, channels[source])
    }
  }

  /// A plain convolution makes new units. One in groups, depthwise included, keeps the groups in
  /// step on both sides: a group is a unit that owns its channels before and after.
  private mutating func convolved(
    _ index: Int, _ convolution: Convolution, _ input: [Piece]
  ) -> [Piece] {
    let groups = convolution.groups
    if groups == 1 { return fresh(convolution.filters, owner: index) }
    let length = variables.length(variables.resolve(input))
    guard length > 0, length % groups == 0 else {
      variables.freeze(input)
      return frozen(index)
    }
    let unit = variables.make(size: groups, owner: index)
    variables.tie(input, [Piece(variable: unit, width: length / groups)])
    return [Piece(variable: unit, width: convolution.filters / groups)]
  }

  /// Positions become channels: with the channels last, every position repeats the units; with the
  /// channels first, every unit owns as many entries as there are positions.
  private mutating func flattened(_ index: Int, _ source: Int, _ input: [Piece]) -> [Piece] {
    guard let total = features(index).channels, let count = features(source).channels, count > 0,
      total % count == 0
    else {
      variables.freeze(input)
      return frozen(index)
    }
    return spread(index, variables.resolve(input), positions: total / count)
  }

  private mutating func spread(_ index: Int, _ pieces: [Piece], positions: Int) -> [Piece] {
    if pieces.allSatisfy({ variables.isFrozen($0.variable) }) { return frozen(index) }
    if graph.channelOrder == .first {
      return pieces.map { Piece(variable: $0.variable, width: $0.width * positions) }
    }
    guard positions <= (1 << 20) / max(1, pieces.count) else {
      variables.freeze(pieces)
      return frozen(index)
    }
    return Array(repeatElement(pieces, count: positions).joined())
  }

  /// A reshape is a flatten and its reverse. The reverse ties the stretches that become one
  /// channel axis.
  private mutating func reshaped(_ index: Int, _ source: Int, _ input: [Piece]) -> [Piece] {
    let before = features(source)
    let after = features(index)
    guard let count = after.channels, let oldCount = before.channels, count > 0,
      let total = CheckedShape.product(after.shape), total % oldCount == 0
    else {
      variables.freeze(input)
      return frozen(index)
    }
    let channelsStayOnAxis = graph.channelOrder == .last || before.shape.first == after.shape.first
    if count == oldCount, channelsStayOnAxis { return input }
    var flat = variables.resolve(input)
    if total != oldCount { flat = spread(index, flat, positions: total / oldCount) }
    flat = variables.resolve(flat)
    if total == count { return flat }
    if flat.allSatisfy({ variables.isFrozen($0.variable) }) { return frozen(index) }
    let positions = total / count
    if graph.channelOrder == .first {
      let units = fresh(count, owner: index)
      variables.tie(flat, units.map { Piece(variable: $0.variable, width: positions) })
      return units
    }
    guard positions <= (1 << 16) / max(1, flat.count) else {
      variables.freeze(flat)
      return frozen(index)
    }
    let (first, rest) = variables.cut(flat, at: count)
    var tail = rest
    for _ in 1..<positions {
      let (next, remainder) = variables.cut(tail, at: count)
      variables.tie(first, next)
      tail = remainder
    }
    return first
  }

  /// Elements of a sum or product meet, so their units move together; a single channel that is
  /// spread over all asks for nothing.
  mutating func merged(_ index: Int, _ sources: [Int]) -> [Piece] {
    let full = features(index).channels
    let wide = sources.filter { features($0).channels == full }
    // An input of which the channels are not known may be as wide as the others.
    let isKnown = sources.allSatisfy { features($0).channels != nil }
    guard let first = wide.first, full != nil, isKnown else {
      for source in sources { variables.freeze(channels[source]) }
      return frozen(index)
    }
    for other in wide.dropFirst() { variables.tie(channels[first], channels[other]) }
    return channels[first]
  }

  /// Along the channels the units stand one after another; along another axis they meet.
  private mutating func joined(_ index: Int, _ sources: [Int], axis: Int) -> [Piece] {
    if axis == features(index).channelAxis {
      guard sources.allSatisfy({ features($0).channels != nil }) else {
        // Where the others begin is not known.
        for source in sources { variables.freeze(channels[source]) }
        return frozen(index)
      }
      return sources.flatMap { channels[$0] }
    }
    return merged(index, sources)
  }
}
