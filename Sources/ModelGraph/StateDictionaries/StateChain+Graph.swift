import WorkbenchCore

extension StateChain {
  /// The network of a plain row: activations after every layer but the last, ReLU where the file
  /// does not name another in its attribute `activation`.
  ///
  /// A row with convolutions can be matched but not run: strides, padding and pooling are not in a
  /// file of weights alone.
  func graph(source: String, activation: Activation? = nil) throws -> ModelGraph {
    var builder = ModelGraph.Builder(
      source: source, channelOrder: orientation == .outputFirst ? .first : .last)
    guard let first = links.first else { throw Diagnostic(.badData, "there are no layers") }
    var rank = 0
    if case .convolution(let spatial) = first.module.kind { rank = spatial }
    let spatial: [Int?] = Array(repeating: nil, count: rank)
    let isTaken = links.contains { $0.module.path == "input" }
    var current = try builder.input(
      isTaken ? "data" : "input",
      shape: orientation == .outputFirst ? [first.input] + spatial : spatial + [first.input])
    if rank > 0 {
      builder.assume("the layers are taken to follow one another, without shortcuts")
      builder.cannotRun(
        "a file of weights alone does not say the strides, padding and pooling of its convolutions")
    }
    for (index, link) in links.enumerated() {
      current = try add(link, current, &builder)
      let next = links.indices.contains(index + 1) ? links[index + 1] : nil
      let isNormalisedNext =
        next.map {
          $0.module.kind == .batchNormalization || $0.module.kind == .layerNormalization
        } ?? true
      if !isNormalisedNext {
        let function = activation ?? .relu
        current = try builder.add(
          "\(link.module.path)/\(function.name)", .activation(function), inputs: [current])
      }
    }
    if links.count > 1, activation == nil {
      builder.assume("the activations are taken to be ReLU: a file of weights alone does not say")
    }
    if links.contains(where: { $0.module.tensors[.kernel] == nil }) {
      builder.assume("normalisation is taken to add \(usualEpsilon) to variances, as usual")
    }
    return try builder.finish(outputs: [current])
  }

  private var isKeras: Bool { orientation == .inputFirst }

  /// What Keras and PyTorch add to variances unless told otherwise.
  private var usualEpsilon: Double { isKeras ? 1e-3 : 1e-5 }

  private func add(
    _ link: Link, _ input: Int, _ builder: inout ModelGraph.Builder
  ) throws -> Int {
    let module = link.module
    var input = input
    let parameters = module.parameters(orientation)
    switch module.kind {
    case .dense:
      if builder.shape(of: input).count > 1 {
        input = try builder.add(
          "flatten", .flatten, inputs: [input], outputShape: [link.input])
      }
      return try builder.add(
        module.path, .dense(units: link.output), inputs: [input], parameters: parameters)
    case .convolution(let rank):
      let shape = module.shape
      let ones = Array(repeating: 1, count: rank)
      let kernel = orientation == .outputFirst ? shape.dropFirst(2) : shape.prefix(rank)
      let convolution = Convolution(
        filters: link.output, kernelSize: Array(kernel), strides: ones, dilation: ones,
        groups: link.groups, padding: .same)
      return try builder.add(
        module.path, .convolution(convolution), inputs: [input], parameters: parameters)
    case .batchNormalization:
      return try builder.add(
        module.path,
        .batchNormalization(epsilon: usualEpsilon, momentum: isKeras ? 0.99 : 0.9),
        inputs: [input], parameters: parameters)
    case .layerNormalization:
      return try builder.add(
        module.path, .layerNormalization(epsilon: usualEpsilon, axisCount: 1), inputs: [input],
        parameters: parameters)
    case .embedding:
      throw Diagnostic(.badData, "an embedding does not stand in a row", at: [module.path])
    }
  }
}
