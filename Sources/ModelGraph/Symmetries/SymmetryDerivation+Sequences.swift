extension SymmetryDerivation {
  /// The units along the channel axis of the output of an operation of sequences.
  mutating func sequenceUnits(of index: Int) -> [Piece] {
    let layer = graph.layers[index]
    let inputs = layer.inputs.map { channels[$0] }
    let input = inputs.first ?? []
    switch layer.operation {
    case .attention(let attention): return attended(index, attention, inputs)
    case .rmsNormalization(let normalization):
      // Every block is scaled by the same gains: blocks may change places, what is in them may not.
      if normalization.blocks > 1 { keepBlocks(normalization.blocks, input, of: index) }
      return input
    case .groupNormalization(let groups, _):
      // The units of a group share their statistics, so that each group is a set of its own.
      return dividedIntoSets(groups, input, of: index)
    case .select(let selection): return selected(index, selection, input)
    case .tableAddition, .prepend, .channelScale, .parametricRelu, .steps, .stepDense: return input
    case .spaceToDepth(let size, _): return repeated(index, input, times: size * size)
    case .routing: return input
    case .mixture:
      // The weights belong to experts, each of which is a tensor of its own.
      variables.freeze(input)
      return merged(index, Array(layer.inputs.dropFirst()))
    case .selectiveScan:
      guard inputs.count == 4 else { break }
      variables.tie(inputs[0], inputs[1])
      variables.tie(inputs[2], inputs[3])
      return input
    default: break
    }
    // Sines and cosines are other numbers for every channel.
    for pieces in inputs { variables.freeze(pieces) }
    return frozen(index)
  }

  /// Heads change places with all of their channels; heads that share keys and values do so together.
  private mutating func attended(
    _ index: Int, _ attention: Attention, _ inputs: [[Piece]]
  ) -> [Piece] {
    guard inputs.count == 3, let heads = attention.heads, let shared = attention.keyValueHeads,
      shared >= 1, heads % shared == 0, attention.bias != .linear || heads == shared
    else {
      for pieces in inputs { variables.freeze(pieces) }
      return frozen(index)
    }
    if heads == 1, attention.rotary == nil {
      // The products of one head are the same in every order of its channels.
      variables.tie(inputs[0], inputs[1])
      return inputs[2]
    }
    let units = variables.make(size: shared, owner: index)
    // ALiBi gives every head a slope of its own.
    if attention.bias == .linear { variables.freeze([Piece(variable: units, width: 1)]) }
    var widths: [Int] = []
    for pieces in inputs {
      let length = variables.length(variables.resolve(pieces))
      guard length > 0, length % shared == 0 else {
        for pieces in inputs { variables.freeze(pieces) }
        return frozen(index)
      }
      widths.append(length / shared)
      variables.tie(pieces, [Piece(variable: units, width: length / shared)])
    }
    headUnits[index] = [Piece(variable: units, width: heads / shared)]
    return [Piece(variable: units, width: widths[2] * (heads / shared))]
  }

  /// Makes an axis move in equal blocks only.
  private mutating func keepBlocks(_ blocks: Int, _ input: [Piece], of index: Int) {
    let length = variables.length(variables.resolve(input))
    guard blocks >= 1, length > 0, length % blocks == 0 else { return variables.freeze(input) }
    let units = variables.make(size: blocks, owner: index)
    variables.tie(input, [Piece(variable: units, width: length / blocks)])
  }

  private mutating func dividedIntoSets(_ sets: Int, _ input: [Piece], of index: Int) -> [Piece] {
    let length = variables.length(variables.resolve(input))
    guard sets >= 1, length > 0, length % sets == 0 else {
      variables.freeze(input)
      return frozen(index)
    }
    // One group, or one channel in each: any order of the channels will do.
    if sets == 1 || sets == length { return input }
    let parts = (0..<sets).map { _ in
      Piece(variable: variables.make(size: length / sets, owner: index), width: 1)
    }
    variables.tie(input, parts)
    return parts
  }

  /// A slice is cut out. Blocks that lie evenly over the whole axis are parts of units as long as the
  /// way from one to the next.
  private mutating func selected(
    _ index: Int, _ selection: ChannelSelection, _ input: [Piece]
  ) -> [Piece] {
    let length = variables.length(variables.resolve(input))
    guard selection.fits(length) else {
      variables.freeze(input)
      return frozen(index)
    }
    if selection.count == 1 {
      let (_, rest) = variables.cut(variables.resolve(input), at: selection.start)
      return variables.cut(rest, at: selection.width).head
    }
    guard selection.count * selection.stride == length else {
      variables.freeze(input)
      return frozen(index)
    }
    let units = variables.make(size: selection.count, owner: index)
    variables.tie(input, [Piece(variable: units, width: selection.stride)])
    return [Piece(variable: units, width: selection.width)]
  }

  private mutating func repeated(_ index: Int, _ input: [Piece], times: Int) -> [Piece] {
    if graph.channelOrder == .first {
      variables.freeze(input)
      return frozen(index)
    }
    return Array(repeatElement(variables.resolve(input), count: times).joined())
  }

  // MARK: Steps

  /// The units along the steps of a layer's output: those that a layer over steps makes, as far as the
  /// layers after it do the same to every step.
  mutating func stepUnits(of index: Int) -> [Piece] {
    let layer = graph.layers[index]
    let inputs = layer.inputs.map { steps[$0] }
    switch layer.operation {
    case .stepDense(let units):
      return [Piece(variable: variables.make(size: units, owner: index), width: 1)]
    case .activation(.softmax): break
    case .activation, .dropout, .channelScale, .dense, .rmsNormalization, .rescaling:
      return inputs.first ?? []
    case .layerNormalization(_, let axisCount) where axisCount == 1: return inputs.first ?? []
    default: break
    }
    for pieces in inputs { variables.freeze(pieces) }
    return []
  }
}
