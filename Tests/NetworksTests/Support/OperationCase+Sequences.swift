import ModelGraph

extension OperationCase {
  /// Attention between dense projections of an input `[steps, channels]`.
  private static func attention(
    _ name: String, _ attention: Attention, steps: [Int] = [7], width: Int = 4, depth: Int? = nil,
    keySteps: Int? = nil
  ) -> OperationCase {
    single("attention " + name, steps + [6]) { maker, input in
      let heads = attention.heads ?? 1
      let shared = attention.keyValueHeads ?? 1
      let context =
        try keySteps.map { try maker.add(.steps(StepSelection(first: 1, count: $0)), input) }
        ?? input
      let queries = try maker.dense(heads * width, input)
      let keys = try maker.dense(shared * width, context)
      let values = try maker.dense(shared * (depth ?? width), context)
      let bias: [(role: Parameter.Role, shape: [Int], axes: [Parameter.Axis])] =
        switch attention.bias {
        case .none, .linear: []
        case .buckets(let count, _, _): [(.positionBias, [count, heads], [.fixed, .head])]
        case .window:
          [
            (
              .positionBias,
              [
                (2 * (attention.windows?.size ?? 1) - 1) * (2 * (attention.windows?.size ?? 1) - 1),
                heads,
              ],
              [.fixed, .head]
            )
          ]
        }
      return try maker.layer(.attention(attention), [queries, keys, values], bias)
    }
  }

  static let attentions: [OperationCase] = [
    attention("plain", Attention(heads: 2)),
    attention("of one step", Attention(heads: 2), steps: [1]),
    attention("of many steps", Attention(heads: 3), steps: [40]),
    attention("causal", Attention(heads: 3, isCausal: true)),
    attention("within reach", Attention(heads: 2, isCausal: true, reach: 3)),
    attention("within reach both ways", Attention(heads: 2, reach: 2)),
    attention("capped", Attention(heads: 2, isCausal: true, softCap: 0.8)),
    attention("scaled", Attention(heads: 2, scale: 0.9)),
    attention("shared keys", Attention(heads: 6, keyValueHeads: 2, isCausal: true)),
    attention("one head of keys", Attention(heads: 4, keyValueHeads: 1)),
    attention("narrow values", Attention(heads: 2), depth: 3),
    attention("cross", Attention(heads: 2), keySteps: 4),
    attention("rotary", Attention(heads: 2, isCausal: true, rotary: Rotary())),
    attention(
      "rotary shared keys", Attention(heads: 4, keyValueHeads: 2, rotary: Rotary(base: 100))),
    attention("rotary interleaved", Attention(heads: 2, rotary: Rotary(layout: .interleaved))),
    attention(
      "rotary in part",
      Attention(heads: 2, isCausal: true, rotary: Rotary(width: 4, base: 50)), width: 6),
    attention(
      "rotary in part interleaved",
      Attention(heads: 2, rotary: Rotary(width: 2, layout: .interleaved))),
    attention(
      "rotary scaled", Attention(heads: 2, rotary: Rotary(base: 10, scaling: .linear(factor: 4)))),
    attention(
      "rotary in bands",
      Attention(
        heads: 2,
        rotary: Rotary(base: 100, scaling: .bands(factor: 8, low: 1, high: 4, context: 32))),
      width: 8),
    attention("linear bias", Attention(heads: 4, isCausal: true, bias: .linear)),
    attention("linear bias of three heads", Attention(heads: 3, bias: .linear)),
    attention(
      "buckets",
      Attention(
        heads: 2, isCausal: true,
        bias: .buckets(count: 6, longestDistance: 9, isBidirectional: false)
      ), steps: [14]),
    attention(
      "buckets both ways",
      Attention(
        heads: 3, scale: 1, bias: .buckets(count: 8, longestDistance: 11, isBidirectional: true)),
      steps: [14]),
    attention("windows", Attention(heads: 2, windows: .init(size: 2, shift: 0)), steps: [4, 6]),
    attention(
      "shifted windows with bias",
      Attention(heads: 2, bias: .window, windows: .init(size: 2, shift: 1)), steps: [4, 6]),
    attention(
      "a shifted window over all rows",
      Attention(heads: 1, bias: .window, windows: .init(size: 3, shift: 1)), steps: [3, 6]),
  ]

  /// What follows an embedding that masks zeros: every second example or so has a masked step.
  private static let masked: [OperationCase] = [
    single("masked attention", [6], input: .integers(4)) { maker, input in
      let rows = try maker.embedding(4, 6, masksZero: true, input)
      let parts = try (0..<3).map { _ in try maker.dense(6, rows) }
      return try maker.layer(.attention(Attention(heads: 2)), parts)
    },
    single("masked mean", [7], input: .integers(3)) { maker, input in
      let rows = try maker.embedding(3, 4, masksZero: true, input)
      return try maker.add(.globalPooling(.average, keepsAxes: false), maker.dense(5, rows))
    },
  ]

  private static let norms: [OperationCase] = [
    single("rms norm", [5, 8]) {
      try $0.layer(
        .rmsNormalization(RMSNormalization(epsilon: 1e-5)), [$1], [(.gamma, [8], [.output])])
    },
    single("rms norm with offset", [6]) {
      try $0.layer(
        .rmsNormalization(RMSNormalization(epsilon: 1e-3, offset: 1)), [$1],
        [(.gamma, [6], [.output])])
    },
    single("rms norm in blocks", [3, 12]) {
      try $0.layer(
        .rmsNormalization(RMSNormalization(epsilon: 1e-5, blocks: 3)), [$1],
        [(.gamma, [4], [.fixed])])
    },
    single("rms norm without gain, channels first", order: .first, [4, 3, 2]) {
      try $0.layer(.rmsNormalization(RMSNormalization(epsilon: 1e-5)), [$1])
    },
    single("layer norm over the first axis", order: .first, [5, 3, 4]) {
      try $0.layer(
        .layerNormalization(epsilon: 1e-5, axisCount: 1), [$1],
        [(.gamma, [5], [.output]), (.beta, [5], [.output])])
    },
    single("group norm torch", order: .first, [6, 3, 4]) {
      try $0.layer(
        .groupNormalization(groups: 3, epsilon: 1e-5), [$1],
        [(.gamma, [6], [.output]), (.beta, [6], [.output])])
    },
    single("group norm keras", [3, 4, 6]) {
      try $0.layer(
        .groupNormalization(groups: 2, epsilon: 1e-3), [$1],
        [(.gamma, [6], [.output]), (.beta, [6], [.output])])
    },
    single("group norm of a row", [8]) {
      try $0.layer(
        .groupNormalization(groups: 2, epsilon: 1e-5), [$1], [(.beta, [8], [.output])])
    },
    single("instance norm 1-D", order: .first, [4, 9]) {
      try $0.layer(
        .groupNormalization(groups: 4, epsilon: 1e-5), [$1], [(.gamma, [4], [.output])])
    },
  ]

  private static let selections: [OperationCase] = [
    single("select", [3, 9]) {
      try $0.layer(.select(ChannelSelection(start: 2, width: 4)), [$1])
    },
    single("select in blocks", [2, 12]) {
      try $0.layer(.select(ChannelSelection(start: 1, width: 2, stride: 4, count: 3)), [$1])
    },
    single("select torch", order: .first, [6, 2, 3]) {
      try $0.layer(.select(ChannelSelection(start: 3, width: 2)), [$1])
    },
    single("steps", [6, 3]) { try $0.layer(.steps(StepSelection(first: 2, count: 3)), [$1]) },
    single("last step", [6, 3]) { try $0.layer(.steps(StepSelection(first: -1)), [$1]) },
    single("last two steps", [6, 3]) {
      try $0.layer(.steps(StepSelection(first: -2, count: 2)), [$1])
    },
    single("space to depth", [4, 6, 3]) {
      try $0.layer(.spaceToDepth(size: 2, isColumnFirst: false), [$1])
    },
    single("space to depth by columns", [4, 6, 3]) {
      try $0.layer(.spaceToDepth(size: 2, isColumnFirst: true), [$1])
    },
    single("space to depth torch", order: .first, [3, 4, 6]) {
      try $0.layer(.spaceToDepth(size: 2, isColumnFirst: true), [$1])
    },
  ]

  private static let tables: [OperationCase] = [
    single("positions", [5, 4]) {
      try $0.layer(
        .tableAddition(firstRow: 2, isOneRow: false), [$1],
        [(.embeddings, [9, 4], [.fixed, .output])])
    },
    single("positions behind axes of length 1", [5, 4]) {
      try $0.layer(
        .tableAddition(firstRow: 0, isOneRow: false), [$1],
        [(.embeddings, [1, 5, 4], [.fixed, .fixed, .output])])
    },
    single("positions of a picture, torch", order: .first, [3, 2, 4]) {
      try $0.layer(
        .tableAddition(firstRow: 1, isOneRow: false), [$1],
        [(.embeddings, [9, 3], [.fixed, .output])])
    },
    single("one row", [5, 4]) {
      try $0.layer(
        .tableAddition(firstRow: 1, isOneRow: true), [$1],
        [(.embeddings, [2, 4], [.fixed, .output])])
    },
    single("a shared table", [5, 4]) { maker, input in
      let first = try maker.layer(
        .tableAddition(firstRow: 0, isOneRow: false), [input],
        [(.embeddings, [5, 4], [.fixed, .output])])
      return try maker.dense(4, first)
    },
    single("sinusoids", [9, 6]) {
      try $0.layer(.sinusoidalPositions(SinusoidalPositions()), [$1])
    },
    single("sinusoids in halves", [9, 6]) {
      try $0.layer(
        .sinusoidalPositions(SinusoidalPositions(layout: .halves, first: 2, base: 100)), [$1])
    },
    single("class tokens", [3, 4]) {
      try $0.layer(
        .prepend(count: 2), [$1], [(.embeddings, [1, 2, 4], [.fixed, .fixed, .output])])
    },
    single("channel scale", [3, 4]) {
      try $0.layer(.channelScale, [$1], [(.gamma, [4], [.output]), (.beta, [4], [.output])])
    },
    single("channel scale torch", order: .first, [4, 2, 3]) {
      try $0.layer(.channelScale, [$1], [(.gamma, [4], [.output])])
    },
    single("parametric relu", order: .first, [4, 2, 3]) {
      try $0.layer(.parametricRelu, [$1], [(.slope, [4], [.output])])
    },
    single("parametric relu of one slope", [5, 3]) {
      try $0.layer(.parametricRelu, [$1], [(.slope, [1], [.fixed])])
    },
    single("dense over steps, torch", [5, 3]) {
      try $0.layer(
        .stepDense(units: 7), [$1],
        [(.kernel, [7, 5], [.stepOutput, .stepInput]), (.bias, [7], [.stepOutput])])
    },
    single("dense over steps, keras", [5, 3]) {
      try $0.layer(
        .stepDense(units: 2), [$1], [(.kernel, [5, 2], [.stepInput, .stepOutput])])
    },
  ]

  private static let experts: [OperationCase] = [
    Routing(), Routing(gate: .sigmoid), Routing(mostExperts: 2),
    Routing(mostExperts: 1, normalizes: false, scale: 2.5),
    Routing(gate: .sigmoid, mostExperts: 2, scale: 0.5),
  ].map { routing in
    single("mixture of experts, \(routing)", [4, 5], isTrainable: false) { maker, input in
      let gates = try maker.layer(.routing(routing), [maker.dense(3, input)])
      let answers = try (0..<3).map { _ in try maker.dense(6, input) }
      return try maker.layer(.mixture, [gates] + answers)
    }
  }

  private static let scans = [
    single("selective scan", [6, 5], isTrainable: false) { maker, input in
      let sizes = try maker.add(.activation(.softplus), maker.dense(5, input))
      let parts = try [maker.dense(3, input), maker.dense(3, input)]
      return try maker.layer(
        .selectiveScan, [input, sizes] + parts,
        [(.stateDecay, [5, 3], [.output, .state]), (.skipGain, [5], [.output])])
    }
  ]

  static let tokens = masked + norms + selections + tables + experts + scans
}
