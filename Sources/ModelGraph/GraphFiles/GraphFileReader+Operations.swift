import Support

extension GraphFileReader {
  /// What a layer of a description computes.
  func operation(of layer: GraphFileLayer, _ input: Int) throws -> Operation {
    if let operation = try writtenOperation(of: layer) { return operation }
    if let activation = try activation(layer) { return .activation(activation) }
    switch layer.type {
    case "dense", "linear": return .dense(units: try units(of: layer))
    case "conv1d": return try convolution(layer, rank: 1)
    case "conv2d": return try convolution(layer, rank: 2)
    case "conv3d": return try convolution(layer, rank: 3)
    case "maxPooling": return try pooling(layer, .maximum, input)
    case "averagePooling": return try pooling(layer, .average, input)
    case "globalMaxPooling":
      return .globalPooling(.maximum, keepsAxes: try layer.flag("keepsAxes", default: false))
    case "globalAveragePooling":
      return .globalPooling(.average, keepsAxes: try layer.flag("keepsAxes", default: false))
    case "zeroPadding": return .zeroPadding(try layer.margins("margins", count: rank(input)))
    case "edgePadding":
      let word = layer.text("kind") ?? ""
      guard let kind = EdgePadding.Kind(rawValue: word) else {
        throw Diagnostic(.badData, "'\(word)' is no kind of padding", remedy: "reflect or edge")
      }
      return .edgePadding(
        EdgePadding(kind: kind, margins: try layer.margins("margins", count: rank(input))))
    case "cropping": return .cropping(try layer.margins("margins", count: rank(input)))
    case "channelPadding":
      guard let margin = try layer.margins("margins", count: 1).first else { break }
      return .channelPadding(margin)
    case "flatten": return .flatten
    case "reshape":
      return .reshape(try layer.shape("shape").map { $0 ?? -1 })
    case "batchNormalization":
      return .batchNormalization(
        epsilon: try layer.number("epsilon", default: 1e-5),
        momentum: try layer.number("momentum", default: 0.9))
    case "layerNormalization":
      return .layerNormalization(
        epsilon: try layer.number("epsilon", default: 1e-5),
        axisCount: try layer.integer("axisCount", default: 1))
    case "dropout", "identity": return .dropout(rate: try layer.number("rate", default: 0))
    case "add": return .add
    case "multiply": return .multiply
    case "average", "maximum", "minimum", "subtract":
      return Elementwise(rawValue: layer.type).map { .elementwise($0) } ?? .unsupported(layer.type)
    case "upsampling":
      return .upsampling(
        Upsampling(
          size: try layer.integers("size", count: rank(input), default: 2),
          repeats: try layer.flag("repeats", default: true)))
    case "concatenate":
      let count = builder.shape(of: input).count
      let fallback = builder.channelOrder == .first ? 0 : count - 1
      return .concatenate(axis: try layer.integer("axis", default: max(0, fallback)))
    case "embedding":
      return .embedding(
        vocabulary: try table(of: layer).vocabulary, size: try table(of: layer).size,
        masksZero: try layer.flag("masksZero", default: false))
    case "masking": return .masking(value: try layer.number("value", default: 0))
    case "lstm": return try recurrent(layer, .lstm)
    case "gru": return try recurrent(layer, .gru)
    case "simpleRNN": return try recurrent(layer, .simple)
    case "rescaling":
      return .rescaling(
        scale: try layer.number("scale", default: 1), offset: try layer.number("offset", default: 0)
      )
    default: break
    }
    if layer.type == "activation" { return .unsupported(layer.text("function") ?? "activation") }
    guard layer.has("shape") else {
      throw Diagnostic(
        .badData, "there is no type \(layer.type)",
        remedy:
          "the types are \(GraphFileTypes.names.joined(separator: ", ")); for another layer, give "
          + "the shape of its output: its units stay in place")
    }
    return .unsupported(layer.type)
  }

  private func rank(_ input: Int) -> Int { max(0, builder.shape(of: input).count - 1) }

  private func activation(_ layer: GraphFileLayer) throws -> Activation? {
    switch layer.type {
    case "relu": .relu
    case "leakyRelu": .leakyRelu(slope: try layer.number("slope", default: 0.01))
    case "clippedRelu": .clippedRelu(maximum: try layer.number("maximum", default: 6))
    case "elu": .elu(alpha: try layer.number("alpha", default: 1))
    case "selu": .selu
    case "gelu": .gelu(approximate: try layer.flag("approximate", default: false))
    case "silu": .silu
    case "tanh": .tanh
    case "sigmoid": .sigmoid
    case "hardSigmoid": .hardSigmoid
    case "softplus": .softplus
    case "exponential": .exponential
    case "hardSilu": .hardSilu
    case "quickGelu": .quickGelu
    case "squaredRelu": .squaredRelu
    case "mish": .mish
    case "squareRoot": .squareRoot
    case "softmax": .softmax
    case "legacyHardSigmoid": .legacyHardSigmoid
    case "activation": layer.text("function").flatMap(Self.activation(called:))
    default: nil
    }
  }

  private func convolution(_ layer: GraphFileLayer, rank: Int) throws -> Operation {
    .convolution(
      Convolution(
        filters: try filters(of: layer), kernelSize: try kernelSize(of: layer, rank: rank),
        strides: try layer.integers("stride", count: rank, default: 1),
        dilation: try layer.integers("dilation", count: rank, default: 1),
        groups: try layer.integer("groups", default: 1), padding: try layer.padding(count: rank)))
  }

  private func pooling(
    _ layer: GraphFileLayer, _ kind: Pooling.Kind, _ input: Int
  ) throws -> Operation {
    let rank = rank(input)
    let size = try layer.integers("size", count: rank, default: 2)
    return .pooling(
      Pooling(
        kind: kind, size: size,
        strides: layer.has("stride") ? try layer.integers("stride", count: rank) : size,
        padding: try layer.padding(count: rank),
        countsPadding: try layer.flag("countsPadding", default: builder.channelOrder == .first)))
  }

  private func recurrent(_ layer: GraphFileLayer, _ kind: Recurrent.Kind) throws -> Operation {
    let own = try layer.part("activation").map { try function(of: $0) }
    let gate = try layer.part("gateActivation").map { try function(of: $0) }
    return .recurrent(
      Recurrent(
        kind: kind, units: try layer.integer("units"), activation: own ?? .tanh,
        gateActivation: gate ?? .sigmoid,
        returnsSequences: try layer.flag("returnsSequences", default: false),
        goesBackwards: try layer.flag("goesBackwards", default: false),
        restoresOrder: try layer.flag("restoresOrder", default: false),
        resetsAfter: try layer.flag("resetsAfter", default: true),
        gateOrder: layer.text("gateOrder") == "onnx" ? .onnx : .framework))
  }
}
