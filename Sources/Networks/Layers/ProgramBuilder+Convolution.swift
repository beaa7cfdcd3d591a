import COneDNN
import ModelGraph
import Support

/// A convolution while it is compiled: what the forward and the backward operations share.
private struct CompiledConvolution {
  var forward: Primitive
  var geometry: WindowGeometry
  var slot: ParameterStore.Slot
  var bias: ParameterStore.Slot?
  var source: Form
  var outputShape: [Int]
}

extension ProgramBuilder {
  /// A convolution over one or two spatial axes, in groups or not.
  func compileConvolution(_ parameters: Convolution, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    let channels = input.channelCount
    let groups = parameters.groups
    guard groups > 0, channels % groups == 0, parameters.filters % groups == 0 else {
      throw Diagnostic(
        .badData,
        "\(channels) channels and \(parameters.filters) filters do not make "
          + "\(groups) groups")
    }
    let geometry = try WindowGeometry(
      input: input.spatialShape, kernel: parameters.kernelSize, strides: parameters.strides,
      dilation: parameters.dilation, padding: parameters.padding)
    let output = try Value(
      name: layer.name, batch: batch,
      shape: input.shape(channels: parameters.filters, spatial: geometry.outputShape),
      channelAxis: input.channelAxis)
    output.needsGradient = needsGradient(layer, [input])
    let kernelShape =
      (groups == 1 ? [parameters.filters] : [groups, parameters.filters / groups])
      + [channels / groups] + parameters.kernelSize
    let bias = try vectorSlot(.bias, of: layer, count: parameters.filters)
    let follower = follower(of: index)
    let anySource = try DataLayout.any(input.logicalShape)
    let anyKernel = try DataLayout.any(kernelShape)
    let anyOutput = try DataLayout.any(output.logicalShape)
    let forward = try Primitive("convolution") { status in
      withUnsafePointer(to: geometry.window) {
        onednn_convolution_forward(
          options.isTraining, anySource.handle, anyKernel.handle, bias?.layout.handle,
          anyOutput.handle, $0, follower?.fused ?? .none, status)
      }
    }
    let wanted = try forward.layout(ONEDNN_WEIGHTS, shape: kernelShape)
    let slot = try convolutionSlot(
      parameters, channels: channels, shape: kernelShape, layer, preferring: wanted)
    let source = try form(
      of: input, as: forward.layout(ONEDNN_SOURCE, shape: input.logicalShape))
    output.forms = [
      makeForm(try forward.layout(ONEDNN_DESTINATION, shape: output.logicalShape))
    ]
    var arguments = [
      (ONEDNN_SOURCE, source), (ONEDNN_WEIGHTS, try weights(slot, as: wanted)),
      (ONEDNN_DESTINATION, output.forms[0]),
    ]
    if let bias { arguments.append((ONEDNN_BIAS, bias.form)) }
    emit(PrimitiveCommand(forward, arguments))
    define(output, for: index)
    finish(follower, on: output.forms[0])

    let compiled = CompiledConvolution(
      forward: forward, geometry: geometry, slot: slot, bias: bias, source: source,
      outputShape: output.logicalShape)
    onBackward { [self] in
      guard output.needsGradient, let gradient = try gradient(of: output) else { return }
      if options.isTraining { try emitConvolutionWeights(compiled, gradient: gradient) }
      if input.needsGradient {
        try emitConvolutionData(compiled, input: input, gradient: gradient)
      }
    }
  }

  /// The kernel, its file's axes put in the order groups, outputs, inputs, spatial.
  func convolutionSlot(
    _ parameters: Convolution, channels: Int, shape: [Int], _ layer: Layer,
    preferring layout: DataLayout
  ) throws -> ParameterStore.Slot {
    let kernel = try requiredParameter(.kernel, of: layer)
    let strides = rowMajorStrides(kernel.shape)
    let isDepthwise = kernel.axes.contains(.multiplier)
    var expected: [Parameter.Axis: Int] =
      isDepthwise
      ? [.input: channels, .multiplier: parameters.filters / max(1, channels)]
      : [.input: channels / parameters.groups, .output: parameters.filters]
    for (axis, length) in parameters.kernelSize.enumerated()
    where length > 1 || kernel.axes.contains(.spatial(axis)) {
      // A window at every step has no axis of steps in the file.
      expected[.spatial(axis)] = length
    }
    try check(kernel, hasAxes: expected)
    func stride(_ axis: Parameter.Axis) -> Int {
      kernel.axes.firstIndex(of: axis).map { strides[$0] } ?? 1
    }
    let spatial = parameters.kernelSize.indices.map { stride(.spatial($0)) }
    let leading: [Int]
    if isDepthwise {
      guard parameters.groups == channels else {
        throw Diagnostic(.badData, "a depthwise kernel needs one group a channel", at: [layer.name])
      }
      // A single channel is one group, whose kernel oneDNN wants without the axis of the groups.
      leading =
        parameters.groups == 1
        ? [stride(.multiplier), 1] : [stride(.input), stride(.multiplier), 1]
    } else if parameters.groups == 1 {
      leading = [stride(.output), stride(.input)]
    } else {
      let perGroup = parameters.filters / parameters.groups
      leading = [perGroup * stride(.output), stride(.output), stride(.input)]
    }
    return try store.slot(
      for: kernel, shape: shape, fileStrides: leading + spatial, preferring: layout)
  }

  private func emitConvolutionWeights(
    _ convolution: CompiledConvolution, gradient: Form
  ) throws {
    let slot = convolution.slot
    let shape = slot.layout.shape
    let anySource = try DataLayout.any(convolution.source.layout.shape)
    let anyKernel = try DataLayout.any(shape)
    let anyOutput = try DataLayout.any(convolution.outputShape)
    let primitive = try Primitive("convolution's weight gradient") { status in
      withUnsafePointer(to: convolution.geometry.window) {
        onednn_convolution_backward_weights(
          convolution.forward.handle, anySource.handle, anyKernel.handle,
          convolution.bias?.layout.handle, anyOutput.handle, $0, status)
      }
    }
    let source = try reorder(
      convolution.source,
      to: primitive.layout(ONEDNN_SOURCE, shape: convolution.source.layout.shape))
    let change = try reorder(
      gradient, to: primitive.layout(ONEDNN_DIFF_DESTINATION, shape: convolution.outputShape))
    let target = gradientTarget(
      slot, as: try primitive.layout(ONEDNN_DIFF_WEIGHTS, shape: shape))
    var arguments = [
      (ONEDNN_SOURCE, source), (ONEDNN_DIFF_DESTINATION, change), (ONEDNN_DIFF_WEIGHTS, target),
    ]
    let biasTarget = convolution.bias.map { gradientTarget($0, as: $0.layout) }
    if let biasTarget { arguments.append((ONEDNN_DIFF_BIAS, biasTarget)) }
    emit(PrimitiveCommand(primitive, arguments))
    try finishGradient(target, of: slot)
    if let bias = convolution.bias, let biasTarget { try finishGradient(biasTarget, of: bias) }
  }

  private func emitConvolutionData(
    _ convolution: CompiledConvolution, input: Value, gradient: Form
  ) throws {
    let slot = convolution.slot
    let anySource = try DataLayout.any(input.logicalShape)
    let anyKernel = try DataLayout.any(slot.layout.shape)
    let anyOutput = try DataLayout.any(convolution.outputShape)
    let primitive = try Primitive("convolution's input gradient") { status in
      withUnsafePointer(to: convolution.geometry.window) {
        onednn_convolution_backward_data(
          convolution.forward.handle, anySource.handle, anyKernel.handle, anyOutput.handle, $0,
          status)
      }
    }
    let kernel = try weights(slot, as: primitive.layout(ONEDNN_WEIGHTS, shape: slot.layout.shape))
    let change = try reorder(
      gradient, to: primitive.layout(ONEDNN_DIFF_DESTINATION, shape: convolution.outputShape))
    let target = makeForm(try primitive.layout(ONEDNN_DIFF_SOURCE, shape: input.logicalShape))
    emit(
      PrimitiveCommand(
        primitive,
        [
          (ONEDNN_DIFF_DESTINATION, change), (ONEDNN_WEIGHTS, kernel),
          (ONEDNN_DIFF_SOURCE, target),
        ]))
    contribute(target, to: input)
  }
}
