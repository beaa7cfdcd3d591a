import Catalogs
import Support

extension GraphFileReader {
  /// What a layer of sequences of a description computes; nil for a layer of another kind.
  func sequenceOperation(of layer: GraphFileLayer, _ input: Int) throws -> Operation? {
    switch layer.type {
    case "attention": return .attention(try attention(layer))
    case "rmsNormalization":
      return .rmsNormalization(
        RMSNormalization(
          epsilon: try layer.number("epsilon", default: 1e-6),
          offset: try layer.number("offset", default: 0),
          blocks: try layer.integer("blocks", default: 1),
          isOfVariance: try layer.flag("ofVariance", default: false)))
    case "groupNormalization":
      return .groupNormalization(
        groups: try layer.integer("groups"), epsilon: try layer.number("epsilon", default: 1e-5))
    case "select":
      let width = try layer.integer("width")
      return .select(
        ChannelSelection(
          start: try layer.integer("start", default: 0), width: width,
          stride: try layer.integer("stride", default: width),
          count: try layer.integer("count", default: 1)))
    case "tableAddition":
      return .tableAddition(
        firstRow: try layer.integer("firstRow", default: 0),
        isOneRow: try layer.flag("oneRow", default: false))
    case "sinusoidalPositions":
      return .sinusoidalPositions(
        SinusoidalPositions(
          layout: try layer.choice("layout", default: .interleaved),
          first: try layer.integer("first", default: 0),
          base: try layer.number("base", default: 10_000)))
    case "prepend": return .prepend(count: try layer.integer("count", default: 1))
    case "channelScale": return .channelScale
    case "parametricRelu": return .parametricRelu
    case "steps":
      return .steps(
        StepSelection(
          first: try layer.position("first"),
          count: layer.has("count") ? try layer.integer("count") : nil))
    case "stepDense": return .stepDense(units: try layer.integer("units"))
    case "routing":
      return .routing(
        Routing(
          gate: try layer.choice("gate", default: .softmax),
          mostExperts: layer.has("mostExperts") ? try layer.integer("mostExperts") : nil,
          normalizes: try layer.flag("normalizes", default: true),
          scale: try layer.number("scale", default: 1)))
    case "mixture": return .mixture
    case "selectiveScan": return .selectiveScan
    case "spaceToDepth":
      return .spaceToDepth(
        size: try layer.integer("size", default: 2),
        isColumnFirst: try layer.flag("columnFirst", default: false))
    default: return nil
    }
  }

  private func attention(_ layer: GraphFileLayer) throws -> Attention {
    let heads = layer.has("heads") ? try layer.integer("heads") : nil
    var result = Attention(
      heads: heads,
      keyValueHeads: layer.has("keyValueHeads") ? try layer.integer("keyValueHeads") : nil)
    if layer.has("scale") { result.scale = try layer.number("scale", default: 1) }
    result.isCausal = try layer.flag("causal", default: false)
    if layer.has("reach") { result.reach = try layer.integer("reach") }
    if layer.has("softCap") { result.softCap = try layer.number("softCap", default: 50) }
    result.rotary = try layer.part("rotary").map(rotary)
    result.windows = try layer.part("windows").map {
      Attention.Windows(
        size: try $0.integer("size"), shift: try $0.integer("shift", default: 0))
    }
    switch layer.text("bias") {
    case nil where !layer.has("bias"): break
    case "none": break
    case "linear": result.bias = .linear
    case "window": result.bias = .window
    default:
      guard let buckets = try layer.part("bias") else {
        throw Diagnostic(
          .badData, "bias is neither linear, window nor a mapping with a number of buckets")
      }
      result.bias = .buckets(
        count: try buckets.integer("buckets"),
        longestDistance: try buckets.integer("longestDistance", default: 128),
        isBidirectional: try buckets.flag("bidirectional", default: false))
    }
    return result
  }

  private func rotary(_ layer: GraphFileLayer) throws -> Rotary {
    var result = Rotary(
      width: layer.has("width") ? try layer.integer("width") : nil,
      base: try layer.number("base", default: 10_000),
      layout: try layer.choice("layout", default: .halves))
    if let scaling = try layer.part("scaling") {
      let factor = try scaling.number("factor", default: 1)
      result.scaling =
        scaling.has("context")
        ? .bands(
          factor: factor, low: try scaling.number("low", default: 1),
          high: try scaling.number("high", default: 4), context: try scaling.integer("context"))
        : .linear(factor: factor)
    }
    return result
  }

  /// A number for each channel, in a tensor that may have axes of length 1 beside that of the channels.
  private func broadcast(
    _ role: Parameter.Role, _ layer: GraphFileLayer, _ words: [String]
  ) -> Parameter? {
    guard let entry = entry(layer, role.rawValue, words) else { return nil }
    let channels = entry.shape.firstIndex { $0 != 1 } ?? 0
    return Parameter(
      role: role, tensor: entry.name, shape: entry.shape,
      axes: entry.shape.indices.map { $0 == channels ? .output : .fixed })
  }

  /// The tensors of a layer of sequences.
  func sequenceParameters(of layer: GraphFileLayer, _ operation: Operation) throws -> [Parameter] {
    switch operation {
    case .attention(let attention):
      guard attention.bias == .window || attention.bias.hasBuckets else { return [] }
      let entry = try required(layer, "positionBias", ["weight", "relative_attention_bias"])
      return [try ranked(parameter(.positionBias, entry, [.fixed, .head]), fixed: 1)]
    case .rmsNormalization(let normalization):
      guard let entry = entry(layer, "gamma", ["weight", "gamma", "scale"]) else { return [] }
      let isShared = normalization.blocks > 1
      return [
        try ranked(parameter(.gamma, entry, [isShared ? .fixed : .output]), fixed: isShared ? 1 : 0)
      ]
    case .groupNormalization:
      return [
        try vector(.gamma, layer, ["weight", "gamma", "scale"]),
        try vector(.beta, layer, ["bias", "beta"]),
      ].compactMap { $0 }
    case .channelScale:
      return [
        broadcast(.gamma, layer, ["weight", "gamma", "scale"]),
        broadcast(.beta, layer, ["bias", "beta"]),
      ].compactMap { $0 }
    case .tableAddition, .prepend:
      let entry = try required(layer, "embeddings", ["weight", "embeddings"])
      // Axes of length 1 may stand before the rows.
      let leading = max(0, entry.shape.count - 1)
      guard entry.shape.count >= 1, entry.shape.dropLast(2).allSatisfy({ $0 == 1 }) else {
        throw Diagnostic(
          .badData, "the tensor \(entry.name) is \(describe(entry.shape)): a table has two axes")
      }
      return [
        parameter(.embeddings, entry, Array(repeating: .fixed, count: leading) + [.output])
      ]
    case .parametricRelu:
      let entry = try required(layer, "slope", ["weight", "alpha"])
      let isOne = entry.shape.allSatisfy { $0 == 1 }
      return [
        try ranked(parameter(.slope, entry, [isOne ? .fixed : .output]), fixed: isOne ? 1 : 0)
      ]
    case .stepDense:
      let entry = try required(layer, "kernel", ["weight", "kernel"])
      let isKeras = layer.text("layout") == "keras"
      return [
        try ranked(
          parameter(
            .kernel, entry, isKeras ? [.stepInput, .stepOutput] : [.stepOutput, .stepInput])
        )
      ]
        + (try self.entry(layer, "bias", ["bias"]).map {
          [try ranked(parameter(.bias, $0, [.stepOutput]))]
        } ?? [])
    case .selectiveScan:
      let decay = try required(layer, "stateDecay", ["A_log"])
      let gain = try required(layer, "skipGain", ["D"])
      return [
        try ranked(parameter(.stateDecay, decay, [.output, .state])),
        try ranked(parameter(.skipGain, gain, [.output])),
      ]
    default: return []
    }
  }
}

extension Attention.Bias {
  /// Whether a number is learned for each bucket of distances.
  fileprivate var hasBuckets: Bool { if case .buckets = self { true } else { false } }
}
