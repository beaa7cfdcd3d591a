import Support

extension StateChain {
  /// The network of a plain row: activations after every layer but the last, ReLU where neither the
  /// file (attribute `activation`) nor the user names another. Units whose readers or makers the file
  /// leaves in doubt are held.
  ///
  /// A row with convolutions can be matched but not run: strides, padding and pooling are not in a
  /// file of weights alone.
  ///
  /// - Parameters:
  ///   - source: what the graph is read from.
  ///   - activation: what the file states.
  ///   - statement: what the user states.
  ///   - variation: another way to read the row; it leaves no doubt about the row.
  ///   - isCautious: whether also the units that a shortcut around a square layer concerns are held.
  func graph(
    source: String, activation: Activation? = nil, statement: GraphStatement,
    variation: RowVariation? = nil, isCautious: Bool = false
  ) throws -> ModelGraph {
    var builder = ModelGraph.Builder(
      source: source, channelOrder: orientation == .outputFirst && !hasSteps ? .first : .last)
    builder.be(.assumed)
    guard let first = links.first else { throw Diagnostic(.badData, "there are no layers") }
    let isTaken = links.contains { $0.module.path == "input" }
    var current = try builder.input(isTaken ? "data" : "input", shape: inputShape(of: first))
    if links.contains(where: { if case .convolution = $0.module.kind { true } else { false } }) {
      builder.cannotRun(
        "a file of weights alone does not say the strides, padding and pooling of its convolutions")
    }
    let stated = activation ?? statement.activation
    // The layer that makes each boundary of the row, and the one whose output the next layer reads.
    var makers = [current]
    var read = [current]
    var pending: StateChain.Link?
    var hasActivation = false
    for (index, link) in links.enumerated() {
      let isLast = !links.suffix(from: index + 1).contains { $0.module.kind == .recurrent }
      current = try add(link, current, statement, &builder, readsLastStep: isLast)
      if link.module.makesUnits {
        makers.append(current)
        pending = link
      }
      let next = links.indices.contains(index + 1) ? links[index + 1] : nil
      let isNormalisedNext =
        next.map {
          $0.module.kind == .batchNormalization || $0.module.kind == .layerNormalization
        } ?? true
      if next != nil, isNormalisedNext { continue }
      let isBare = pending?.module.kind == .recurrent || pending?.module.kind == .embedding
      let function = next == nil || isBare ? nil : stated ?? .relu
      hasActivation = hasActivation || function != nil
      let boundary = makers.count - 1
      if let variation, let kernel = pending, variation.repeated.contains(boundary) {
        current = try activate(link, function, current, &builder)
        current = try add(kernel, current, statement, &builder, readsLastStep: false)
      }
      current = try close(boundary, link, function, current, read, variation, &builder)
      read.append(current)
    }
    let told = variation == nil ? statement : statement.adding(.row)
    for doubt in RowDoubts(self, told, isCautious: isCautious).doubts {
      builder.assume(doubt.assumption)
      for boundary in doubt.boundaries { builder.hold(makers[boundary]) }
    }
    if hasActivation, stated == nil { builder.assume(.unstatedActivation) }
    if let assumption = assumptionOfSteps { builder.assume(assumption) }
    if links.contains(where: { !$0.module.makesUnits }) {
      builder.assume(
        Assumption(
          .epsilon, "normalisation is taken to add \(usualEpsilon) to variances, as usual",
          effect: .running))
    }
    return try builder.finish(outputs: [current])
  }

  private func activate(
    _ link: Link, _ function: Activation?, _ input: Int, _ builder: inout ModelGraph.Builder
  ) throws -> Int {
    guard let function else { return input }
    return try builder.add(
      "\(link.module.path)/\(function.name)", .activation(function), inputs: [input])
  }

  /// Ends a boundary of the row: its activation, and the sums that a variation puts there.
  private func close(
    _ boundary: Int, _ link: Link, _ function: Activation?, _ input: Int, _ read: [Int],
    _ variation: RowVariation?, _ builder: inout ModelGraph.Builder
  ) throws -> Int {
    let sources = (variation?.shortcuts ?? []).filter { $0.to == boundary }.map { read[$0.from] }
    guard let variation, !sources.isEmpty else {
      return try activate(link, function, input, &builder)
    }
    var current = input
    if !variation.addsBeforeActivation {
      current = try activate(link, function, current, &builder)
    }
    current = try builder.add(
      "\(link.module.path)/sum", .add, inputs: [current] + sources)
    return variation.addsBeforeActivation
      ? try activate(link, function, current, &builder) : current
  }

  private var isKeras: Bool { orientation == .inputFirst }

  /// What Keras and PyTorch add to variances unless told otherwise.
  private var usualEpsilon: Double { isKeras ? 1e-3 : 1e-5 }

  private func add(
    _ link: Link, _ input: Int, _ statement: GraphStatement, _ builder: inout ModelGraph.Builder,
    readsLastStep: Bool
  ) throws -> Int {
    let module = link.module
    var input = try joined(link, input, &builder)
    let parameters = module.parameters(orientation)
    switch module.kind {
    case .dense:
      // Before a recurrent layer it works on every step.
      if builder.shape(of: input).count > 1, !hasSteps {
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
      let isCertain =
        module.normalization == .layer
        || (module.normalization == nil && statement.states(.layerNormalization))
      if !isCertain {
        builder.cannotRun(
          "\(module.path) has scales and no running statistics, and the file does not say which "
            + "normalisation it is")
      }
      return try builder.add(
        module.path, .layerNormalization(epsilon: usualEpsilon, axisCount: 1), inputs: [input],
        parameters: parameters)
    case .recurrent:
      guard let layer = module.recurrent else { return input }
      if readsLastStep, layer.cells.count > 1 {
        builder.cannotRun(
          "the file does not say what is read of the last recurrent layer: its last step, or the last "
            + "state of each direction")
      }
      return try builder.addRecurrent(
        module.path, layer, input: input, returnsSequences: !readsLastStep)
    case .embedding:
      return try builder.add(
        module.path, .embedding(vocabulary: link.input, size: link.output, masksZero: false),
        inputs: [input], parameters: parameters)
    }
  }
}
