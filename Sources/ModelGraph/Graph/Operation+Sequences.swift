import Support

extension Operation {
  /// How many inputs an operation of sequences takes; nil for one that is none of them.
  var sequenceInputCount: ClosedRange<Int>? {
    switch self {
    case .attention: 3...3
    case .mixture: 2...100_000
    case .selectiveScan: 4...4
    case .rmsNormalization, .groupNormalization, .select, .tableAddition, .sinusoidalPositions,
      .prepend, .channelScale, .parametricRelu, .steps, .stepDense, .routing, .spaceToDepth:
      1...1
    default: nil
    }
  }

  /// The shape of the output of an operation of sequences.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the shapes do not fit.
  func sequenceShape(
    of inputs: [[Int?]], channelOrder: ModelGraph.ChannelOrder
  ) throws -> [Int?] {
    let features = FeatureShape(inputs[0], channelOrder)
    switch self {
    case .attention(let attention):
      return try Operation.attended(attention, inputs, channelOrder: channelOrder)
    case .rmsNormalization(let normalization):
      try Operation.check(features.channels, dividesInto: normalization.blocks, "blocks")
    case .groupNormalization(let groups, _):
      try Operation.check(features.channels, dividesInto: groups, "groups")
    case .select(let selection):
      guard let total = selection.total,
        features.channels.map(selection.fits) ?? (selection.start >= 0)
      else {
        throw Diagnostic(
          .badData,
          "selects channels that an input of \(describe(inputs[0])) does not have")
      }
      return features.withChannels(total)
    case .prepend(let count):
      let last = try features.requireLastChannels(name)
      guard inputs[0].count == 2, count >= 1 else {
        throw Diagnostic(.badData, "puts rows before steps × channels only")
      }
      return [last.shape[0].map { $0 + count }, last.channels]
    case .steps(let selection):
      let last = try features.requireLastChannels(name)
      guard inputs[0].count == 2, let length = selection.count else {
        return [last.channels]
      }
      return [length, last.channels]
    case .stepDense(let units):
      let last = try features.requireLastChannels(name)
      guard inputs[0].count == 2 else {
        throw Diagnostic(.badData, "works on steps × channels only")
      }
      return [units, last.channels]
    case .mixture: return inputs[1]
    case .spaceToDepth(let size, _):
      guard size >= 1, inputs[0].count == 3 else {
        throw Diagnostic(.badData, "turns positions of a picture into channels")
      }
      guard features.spatial.allSatisfy({ ($0 ?? size) % size == 0 }) else {
        throw Diagnostic(
          .badData, "\(describe(inputs[0])) does not divide into squares of \(size)")
      }
      let depth = FeatureShape(
        features.withChannels(
          features.channels.flatMap { CheckedShape.product([$0, size, size]) }), channelOrder)
      return depth.withSpatial(features.spatial.map { $0.map { $0 / size } })
    default: break
    }
    return inputs[0]
  }

  private static func check(_ channels: Int?, dividesInto parts: Int, _ what: String) throws {
    guard parts >= 1, (channels ?? parts) % parts == 0 else {
      throw Diagnostic(
        .badData,
        "\(channels.map(String.init) ?? "the") channels do not divide into \(parts) \(what)")
    }
  }

  private static func attended(
    _ attention: Attention, _ inputs: [[Int?]], channelOrder: ModelGraph.ChannelOrder
  ) throws -> [Int?] {
    let parts = try inputs.map {
      try FeatureShape($0, channelOrder).requireLastChannels("attention")
    }
    guard let heads = attention.heads, let shared = attention.keyValueHeads else {
      // The values' channels for each head are the queries', where nothing else is said.
      return inputs[0]
    }
    guard heads >= 1, shared >= 1, heads % shared == 0 else {
      throw Diagnostic(
        .badData, "\(heads) query heads cannot share \(shared) heads of keys and values")
    }
    for (part, count) in zip(parts, [heads, shared, shared]) {
      try check(part.channels, dividesInto: count, "heads")
    }
    if let queries = parts[0].channels, let keys = parts[1].channels,
      queries / heads != keys / shared
    {
      throw Diagnostic(
        .badData,
        "query heads of \(queries / heads) channels cannot meet key heads of \(keys / shared)")
    }
    if let rotary = attention.rotary {
      let width = rotary.width ?? parts[0].channels.map { $0 / heads } ?? 2
      guard width >= 2, width % 2 == 0, width <= parts[0].channels.map({ $0 / heads }) ?? width
      else {
        throw Diagnostic(.badData, "a rotary embedding cannot turn \(width) channels of a head")
      }
    }
    return parts[0].withChannels(parts[2].channels.map { $0 / shared * heads })
  }
}
