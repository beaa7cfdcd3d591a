import COneDNN
import ModelGraph
import Support

extension ProgramBuilder {
  /// A transposed convolution: the gradient that a convolution over its output has for its input.
  /// Forward only.
  func compileTransposedConvolution(
    _ parameters: TransposedConvolution, _ layer: Layer, at index: Int
  ) throws {
    let input = try input(of: layer)
    if options.isTraining || input.needsGradient { try refuseGradient(layer) }
    let channels = input.channelCount
    let rank = parameters.kernelSize.count
    guard input.spatialShape.count == rank, parameters.crop.count == rank else {
      throw Diagnostic(.badData, "a kernel of \(rank) axes does not fit \(input.shape)")
    }
    let spatial = try input.spatialShape.enumerated().map { axis, length in
      guard let made = parameters.outputLength(length, axis: axis) else {
        throw Diagnostic(.badData, "nothing is left of an axis of \(length)")
      }
      return made
    }
    let geometry = try WindowGeometry(
      input: spatial, kernel: parameters.kernelSize, strides: parameters.strides,
      dilation: parameters.dilation,
      padding: .explicit(parameters.crop.map { Margin($0.before, max(0, $0.after)) }))
    guard geometry.outputShape == input.spatialShape else {
      throw Diagnostic(
        .badData, "a transposed convolution whose output is padded by a stride or more is not run")
    }
    let output = try Value(
      name: layer.name, batch: batch,
      shape: input.shape(channels: parameters.filters, spatial: spatial),
      channelAxis: input.channelAxis)
    let kernelShape = [channels, parameters.filters] + parameters.kernelSize
    let backward = try turnedConvolution(
      from: output.logicalShape, kernelShape, to: input.logicalShape, geometry)
    let wanted = try backward.layout(ONEDNN_WEIGHTS, shape: kernelShape)
    let slot = try transposedSlot(parameters, channels, kernelShape, layer, preferring: wanted)
    let source = try form(
      of: input, as: backward.layout(ONEDNN_DIFF_DESTINATION, shape: input.logicalShape))
    let result = makeForm(
      try backward.layout(ONEDNN_DIFF_SOURCE, shape: output.logicalShape))
    emit(
      PrimitiveCommand(
        backward,
        [
          (ONEDNN_DIFF_DESTINATION, source), (ONEDNN_WEIGHTS, try weights(slot, as: wanted)),
          (ONEDNN_DIFF_SOURCE, result),
        ]))
    let bias = try vectorSlot(.bias, of: layer, count: parameters.filters)
    output.forms = [try bias.map { try adding($0, to: result, of: output) } ?? result]
    define(output, for: index)
  }

  private func turnedConvolution(
    from source: [Int], _ kernel: [Int], to destination: [Int], _ geometry: WindowGeometry
  ) throws -> Primitive {
    let anySource = try DataLayout.any(source)
    let anyKernel = try DataLayout.any(kernel)
    let anyDestination = try DataLayout.any(destination)
    let hint = try Primitive("convolution") { status in
      withUnsafePointer(to: geometry.window) {
        onednn_convolution_forward(
          true, anySource.handle, anyKernel.handle, nil, anyDestination.handle, $0, .none, status)
      }
    }
    return try Primitive("transposed convolution") { status in
      withUnsafePointer(to: geometry.window) {
        onednn_convolution_backward_data(
          hint.handle, anySource.handle, anyKernel.handle, anyDestination.handle, $0, status)
      }
    }
  }

  /// The kernel, its file's axes put in the order inputs, outputs, spatial: to the convolution that is
  /// turned round, the inputs are what it makes.
  private func transposedSlot(
    _ parameters: TransposedConvolution, _ channels: Int, _ shape: [Int], _ layer: Layer,
    preferring layout: DataLayout
  ) throws -> ParameterStore.Slot {
    let kernel = try requiredParameter(.kernel, of: layer)
    var expected: [Parameter.Axis: Int] = [.input: channels, .output: parameters.filters]
    for (axis, length) in parameters.kernelSize.enumerated() { expected[.spatial(axis)] = length }
    try check(kernel, hasAxes: expected)
    let strides = rowMajorStrides(kernel.shape)
    func stride(_ axis: Parameter.Axis) -> Int {
      kernel.axes.firstIndex(of: axis).map { strides[$0] } ?? 1
    }
    return try store.slot(
      for: kernel, shape: shape,
      fileStrides: [stride(.input), stride(.output)]
        + parameters.kernelSize.indices.map { stride(.spatial($0)) }, preferring: layout)
  }

  /// A bias added to every position.
  private func adding(
    _ bias: ParameterStore.Slot, to form: Form, of value: Value
  ) throws -> Form {
    let source = try reorder(form, to: value.plainLayout)
    let count = value.channelCount
    let shape = [1, count] + value.spatialShape.map { _ in 1 }
    let layout = try DataLayout.strided(
      shape, strides: [count, 1] + value.spatialShape.map { _ in 1 })
    let result = makeForm(value.plainLayout)
    let primitive = try Primitive("sum") {
      onednn_addition(
        source.layout.handle, layout.handle, result.layout.handle, .none, $0)
    }
    emit(
      PrimitiveCommand(
        primitive,
        [
          (ONEDNN_SOURCE, source),
          (ONEDNN_SOURCE_1, Form(layout: layout, buffer: bias.value)),
          (ONEDNN_DESTINATION, result),
        ]))
    return result
  }
}
