import COneDNN
import ModelGraph
import Support

extension ProgramBuilder {
  /// Normalisation of each channel, by the statistics of the batch in training and by the running
  /// ones otherwise (Ioffe and Szegedy, 2015). In training a ReLU behind it becomes part of it; there
  /// the running statistics show what is no number.
  ///
  /// The running variance follows the framework the model is of: of channels-first models
  /// (PyTorch) the unbiased variance of the batch is averaged in, of channels-last ones (Keras) the
  /// biased.
  func compileBatchNormalization(
    epsilon: Double, momentum: Double, _ layer: Layer, at index: Int
  ) throws {
    let input = try input(of: layer)
    let channels = input.channelCount
    let gamma = try vectorSlot(.gamma, of: layer, count: channels)
    let beta = try vectorSlot(.beta, of: layer, count: channels)
    let meanParameter = try requiredParameter(.movingMean, of: layer)
    let varianceParameter = try requiredParameter(.movingVariance, of: layer)
    guard let mean = try vectorSlot(.movingMean, of: layer, count: channels),
      let variance = try vectorSlot(.movingVariance, of: layer, count: channels)
    else { return }
    let takesBatch = options.isTraining || options.measuresStatistics
    let source = input.forms[0]
    let layout = source.layout
    var relu: Int?
    if let (next, activation) = soleActivation(after: index), activation == .relu,
      options.isTraining
    {
      relu = next
    }
    // Otherwise it is done after it, in place, and NaN stays NaN.
    let follower =
      options.isTraining ? nil : follower(of: index).flatMap { $0.rectifier == nil ? nil : $0 }
    let forward = try Primitive("batch normalisation") {
      onednn_batch_normalization_forward(
        takesBatch, layout.handle, Float(epsilon), gamma != nil, beta != nil, relu != nil, $0)
    }
    let output = try Value(
      name: layer.name, batch: batch, shape: input.shape, channelAxis: input.channelAxis)
    output.needsGradient = needsGradient(layer, [input])
    output.mask = input.mask
    output.forms = [makeForm(layout)]
    let vector = try DataLayout.dense([channels])
    let isKept = options.measuresStatistics
    let usedMean = takesBatch ? makeForm(vector, isPinned: isKept) : mean.form
    let usedVariance = takesBatch ? makeForm(vector, isPinned: isKept) : variance.form
    let workspace = forward.optionalLayout(ONEDNN_WORKSPACE).map { makeForm($0) }
    var shared = [(ONEDNN_MEAN, usedMean), (ONEDNN_VARIANCE, usedVariance)]
    if let gamma { shared.append((ONEDNN_SCALE, gamma.form)) }
    if let beta { shared.append((ONEDNN_SHIFT, beta.form)) }
    if let workspace { shared.append((ONEDNN_WORKSPACE, workspace)) }
    let ends = [(ONEDNN_SOURCE, source), (ONEDNN_DESTINATION, output.forms[0])]
    emit(PrimitiveCommand(forward, shared + ends))
    finish(follower, on: output.forms[0])
    define(output, for: index)
    let samples = batch * input.elementCount / channels
    if isKept {
      statistics.append(
        StatisticsForm(
          meanTensor: meanParameter.tensor, varianceTensor: varianceParameter.tensor,
          mean: usedMean.buffer, variance: usedVariance.buffer, channelCount: channels,
          sampleCount: samples))
    } else if options.isTraining {
      emitRunningStatistics(
        mean: (usedMean.buffer, mean.value), variance: (usedVariance.buffer, variance.value),
        count: channels, momentum: Float(momentum), samples: samples)
    }
    if let relu {
      // The operation did the ReLU, and its gradient will undo it.
      define(output, for: relu)
      fusedIntoNormalization.insert(relu)
    }

    onBackward { [self] in
      guard output.needsGradient, let gradient = try gradient(of: output, as: layout) else {
        return
      }
      let backward = try Primitive("gradient of batch normalisation") {
        onednn_batch_normalization_backward(
          forward.handle, layout.handle, layout.handle, Float(epsilon), gamma != nil, beta != nil,
          relu != nil, $0)
      }
      let target = makeForm(layout)
      var arguments =
        shared + [
          (ONEDNN_SOURCE, source), (ONEDNN_DIFF_DESTINATION, gradient),
          (ONEDNN_DIFF_SOURCE, target),
        ]
      try emitNormalization(
        backward, &arguments, gamma: gamma, beta: beta, vector: vector)
      contribute(target, to: input)
    }
  }

  private func emitRunningStatistics(
    mean: (batch: Buffer, running: Buffer), variance: (batch: Buffer, running: Buffer),
    count: Int, momentum: Float, samples: Int
  ) {
    let isUnbiased = graph.channelOrder == .first && samples > 1
    let correction = isUnbiased ? Float(samples) / Float(samples - 1) : 1
    emit(
      KernelCommand(touching: [mean.batch, variance.batch]) {
        let fresh = 1 - momentum
        let means = mean.running.floats
        let variances = variance.running.floats
        for channel in 0..<count {
          means[channel] = momentum * means[channel] + fresh * mean.batch.floats[channel]
          variances[channel] =
            momentum * variances[channel] + fresh * correction * variance.batch.floats[channel]
        }
      })
  }

  private func emitNormalization(
    _ primitive: Primitive, _ arguments: inout [(onednn_argument, Form)],
    gamma: ParameterStore.Slot?, beta: ParameterStore.Slot?, vector: DataLayout
  ) throws {
    let scale = gamma.map { gradientTarget($0, as: vector) }
    let shift = beta.map { gradientTarget($0, as: vector) }
    if let scale { arguments.append((ONEDNN_DIFF_SCALE, scale)) }
    if let shift { arguments.append((ONEDNN_DIFF_SHIFT, shift)) }
    emit(PrimitiveCommand(primitive, arguments))
    if let gamma, let scale { try finishGradient(scale, of: gamma) }
    if let beta, let shift { try finishGradient(shift, of: beta) }
  }

  /// Normalisation of each example over its last axes (Ba, Kiros and Hinton, 2016), or over its channels
  /// where these are the first.
  func compileLayerNormalization(
    epsilon: Double, axisCount: Int, _ layer: Layer, at index: Int
  ) throws {
    let input = try input(of: layer)
    if normalizesChannels(layer, input, axisCount: axisCount) {
      return try compileChannelNormalization(epsilon: epsilon, input, layer, at: index)
    }
    guard (1...input.shape.count).contains(axisCount) else {
      throw Diagnostic(.badData, "\(axisCount) axes of \(input.shape) cannot be normalised over")
    }
    let width = input.shape.suffix(axisCount).reduce(1, *)
    let rows = batch * input.elementCount / width
    let gamma = try vectorSlot(.gamma, of: layer, count: width)
    let beta = try vectorSlot(.beta, of: layer, count: width)
    let layout = try DataLayout.dense([rows, width])
    let statistics = try DataLayout.dense([rows])
    let vector = try DataLayout.dense([width])
    let source = Form(layout: layout, buffer: try plain(input).buffer)
    let isDifferentiated = options.isTraining || options.needsInputGradient
    let forward = try Primitive("layer normalisation") {
      onednn_layer_normalization_forward(
        isDifferentiated, layout.handle, statistics.handle, Float(epsilon), gamma != nil,
        beta != nil, $0)
    }
    let output = try makeValue(layer.name, shape: input.shape, channelAxis: input.channelAxis)
    output.needsGradient = needsGradient(layer, [input])
    output.mask = input.mask
    let result = Form(layout: layout, buffer: output.forms[0].buffer)
    var shared: [(onednn_argument, Form)] = []
    if isDifferentiated {
      shared += [
        (ONEDNN_MEAN, makeForm(statistics)), (ONEDNN_VARIANCE, makeForm(statistics)),
      ]
    }
    if let gamma { shared.append((ONEDNN_SCALE, gamma.form)) }
    if let beta { shared.append((ONEDNN_SHIFT, beta.form)) }
    let ends = [(ONEDNN_SOURCE, source), (ONEDNN_DESTINATION, result)]
    emit(PrimitiveCommand(forward, shared + ends))
    define(output, for: index)

    onBackward { [self] in
      guard output.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      let backward = try Primitive("gradient of layer normalisation") {
        onednn_layer_normalization_backward(
          forward.handle, layout.handle, layout.handle, statistics.handle, Float(epsilon),
          gamma != nil, beta != nil, $0)
      }
      let target = makeForm(input.plainLayout)
      var arguments =
        shared + [
          (ONEDNN_SOURCE, source),
          (ONEDNN_DIFF_DESTINATION, Form(layout: layout, buffer: gradient.buffer)),
          (ONEDNN_DIFF_SOURCE, Form(layout: layout, buffer: target.buffer)),
        ]
      try emitNormalization(backward, &arguments, gamma: gamma, beta: beta, vector: vector)
      contribute(target, to: input)
    }
  }
}
