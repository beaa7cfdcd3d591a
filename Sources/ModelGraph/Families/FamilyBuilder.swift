import Support

/// Adds the layers of the usual families, channels first, with PyTorch's names and layouts.
struct FamilyBuilder<Tensors: FamilyTensors> {
  var graph: ModelGraph.Builder
  let tensors: Tensors
  /// The modules used so far.
  private(set) var used: Set<String> = []
  /// Where a shortcut without weights puts its zeros.
  var zeros = ZeroPlacement.around
  /// The layers whose outputs are the stream of a residual network: the stem and the sums.
  var stream: [Int] = []
  /// The layers of a head that may also stand beside each other.
  var doubtful: [Int] = []
  /// The layers that add zero channels.
  var zeroPadded: [Int] = []

  init(source: String, tensors: Tensors) {
    graph = ModelGraph.Builder(source: source, channelOrder: .first)
    self.tensors = tensors
  }

  /// A two-dimensional convolution with a square kernel.
  mutating func convolution(
    _ name: String, _ input: Int, filters: Int, size: Int, stride: Int = 1, padding: Int,
    groups: Int = 1, hasBias: Bool
  ) throws -> Int {
    let channels = graph.channels(of: input) ?? 0
    let margins = [Margin(padding, padding), Margin(padding, padding)]
    let convolution = Convolution(
      filters: filters, kernelSize: [size, size], strides: [stride, stride], dilation: [1, 1],
      groups: groups, padding: .explicit(margins))
    var parameters = [
      try required(
        .kernel, name, "weight", [filters, channels / max(1, groups), size, size],
        [.output, .input, .spatial(0), .spatial(1)])
    ]
    if hasBias { parameters.append(try required(.bias, name, "bias", [filters], [.output])) }
    return try graph.add(name, .convolution(convolution), inputs: [input], parameters: parameters)
  }

  /// Batch normalisation with PyTorch's settings.
  mutating func batchNormalization(_ name: String, _ input: Int) throws -> Int {
    let shape = [graph.channels(of: input) ?? 0]
    let parameters = [
      try required(.gamma, name, "weight", shape, [.output]),
      try required(.beta, name, "bias", shape, [.output]),
      try required(.movingMean, name, "running_mean", shape, [.output]),
      try required(.movingVariance, name, "running_var", shape, [.output]),
    ]
    // PyTorch's momentum of 0.1 is the share of the new statistics.
    return try graph.add(
      name, .batchNormalization(epsilon: 1e-5, momentum: 0.9), inputs: [input],
      parameters: parameters)
  }

  /// A dense layer, with a bias where the file has one.
  mutating func dense(_ name: String, _ input: Int, units: Int) throws -> Int {
    let channels = graph.channels(of: input) ?? 0
    var parameters = [
      try required(.kernel, name, "weight", [units, channels], [.output, .input])
    ]
    if let bias = try tensors.parameter(
      .bias, of: name, leaf: "bias", shape: [units], axes: [.output])
    {
      parameters.append(bias)
    }
    return try graph.add(name, .dense(units: units), inputs: [input], parameters: parameters)
  }

  /// An activation after a layer.
  mutating func activation(_ name: String, _ activation: Activation, _ input: Int) throws -> Int {
    try graph.add(
      "\(name)/\(activation.name)", .activation(activation), inputs: [input])
  }

  /// Square pooling.
  mutating func pooling(
    _ name: String, _ kind: Pooling.Kind, _ input: Int, size: Int, stride: Int, padding: Int = 0
  ) throws -> Int {
    let margins = [Margin(padding, padding), Margin(padding, padding)]
    let pooling = Pooling(
      kind: kind, size: [size, size], strides: [stride, stride],
      padding: padding == 0 ? .valid : .explicit(margins), countsPadding: kind == .average)
    return try graph.add(name, .pooling(pooling), inputs: [input])
  }

  private mutating func required(
    _ role: Parameter.Role, _ module: String, _ leaf: String, _ shape: [Int],
    _ axes: [Parameter.Axis]
  ) throws -> Parameter {
    used.insert(module)
    guard
      let parameter = try tensors.parameter(
        role, of: module, leaf: leaf, shape: shape, axes: axes)
    else {
      throw Diagnostic(.badData, "the file has no tensor \(module).\(leaf)", at: [module])
    }
    return parameter
  }
}
