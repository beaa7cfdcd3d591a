import COneDNN
import ModelGraph
import Support

/// A convolution as a bilinear operation.
final class ConvolutionOperation: BilinearOperation {
  let slot: ParameterStore.Slot
  let bias: ParameterStore.Slot?
  private unowned let builder: ProgramBuilder
  private let forward: Primitive
  private let geometry: WindowGeometry
  private let sourceShape: [Int]
  private let outputShape: [Int]
  private let sourceLayout: DataLayout
  private let target: DataLayout
  private var linear: Primitive?
  private var sourceGradient: Primitive?
  /// By whether they are of the bias, too.
  private var kernelGradients: [Bool: Primitive] = [:]
  /// Kernels in the layout of the gradient by the source.
  private var turned: [ObjectIdentifier: Form] = [:]

  private init(
    builder: ProgramBuilder, forward: Primitive, geometry: WindowGeometry,
    slot: ParameterStore.Slot, bias: ParameterStore.Slot?, sourceShape: [Int], outputShape: [Int]
  ) throws {
    (self.builder, self.forward, self.geometry) = (builder, forward, geometry)
    (self.slot, self.bias) = (slot, bias)
    (self.sourceShape, self.outputShape) = (sourceShape, outputShape)
    sourceLayout = try forward.layout(ONEDNN_SOURCE, shape: sourceShape)
    target = try forward.layout(ONEDNN_DESTINATION, shape: outputShape)
  }

  /// Builds the operation and its output, which has no memory yet.
  static func make(
    _ parameters: Convolution, _ layer: Layer, _ input: Value, in builder: ProgramBuilder
  ) throws -> (ConvolutionOperation, Value) {
    let (channels, groups) = (input.channelCount, parameters.groups)
    guard groups > 0, channels % groups == 0, parameters.filters % groups == 0 else {
      throw Diagnostic(
        .badData,
        "\(channels) channels and \(parameters.filters) filters do not make \(groups) groups")
    }
    let geometry = try WindowGeometry(
      input: input.spatialShape, kernel: parameters.kernelSize, strides: parameters.strides,
      dilation: parameters.dilation, padding: parameters.padding)
    let output = try Value(
      name: layer.name, batch: builder.batch,
      shape: input.shape(channels: parameters.filters, spatial: geometry.outputShape),
      channelAxis: input.channelAxis)
    let kernelShape =
      (groups == 1 ? [parameters.filters] : [groups, parameters.filters / groups])
      + [channels / groups] + parameters.kernelSize
    let bias = try builder.vectorSlot(.bias, of: layer, count: parameters.filters)
    let anySource = try DataLayout.any(input.logicalShape)
    let anyKernel = try DataLayout.any(kernelShape)
    let anyOutput = try DataLayout.any(output.logicalShape)
    let forward = try Primitive("convolution") { status in
      withUnsafePointer(to: geometry.window) {
        onednn_convolution_forward(
          true, anySource.handle, anyKernel.handle, bias?.layout.handle, anyOutput.handle, $0,
          .none, status)
      }
    }
    let slot = try builder.convolutionSlot(
      parameters, channels: channels, shape: kernelShape, layer,
      preferring: forward.layout(ONEDNN_WEIGHTS, shape: kernelShape))
    let operation = try ConvolutionOperation(
      builder: builder, forward: forward, geometry: geometry, slot: slot, bias: bias,
      sourceShape: input.logicalShape, outputShape: output.logicalShape)
    return (operation, output)
  }

  func source(of value: Value) throws -> Form { try builder.form(of: value, as: sourceLayout) }

  func apply(
    _ source: Form, kernel: ParameterStore.Slot, bias: ParameterStore.Slot?
  ) throws -> Form {
    let layout = try forward.layout(ONEDNN_WEIGHTS, shape: kernel.layout.shape)
    let needsLinear = bias == nil && self.bias != nil
    let primitive: Primitive
    if needsLinear {
      primitive =
        try linear
        ?? Primitive("convolution") { status in
          withUnsafePointer(to: geometry.window) {
            onednn_convolution_forward(
              true, sourceLayout.handle, layout.handle, nil, target.handle, $0, .none, status)
          }
        }
      linear = primitive
    } else {
      primitive = forward
    }
    let result = builder.makeForm(target)
    builder.emitBilinear(
      primitive, of: source, try builder.weights(kernel, as: layout), bias, into: result)
    return result
  }

  func outputForm(_ result: Form) -> Form { result }

  func gradient(of value: Value) throws -> Form? { try builder.gradient(of: value, as: target) }

  func differentiateKernel(
    _ source: Form, _ gradient: Form, into slot: ParameterStore.Slot, bias: ParameterStore.Slot?
  ) throws {
    let shape = slot.layout.shape
    let anySource = try DataLayout.any(sourceShape)
    let anyKernel = try DataLayout.any(shape)
    let anyOutput = try DataLayout.any(outputShape)
    let primitive =
      try kernelGradients[bias != nil]
      ?? Primitive("convolution's weight gradient") { status in
        withUnsafePointer(to: geometry.window) {
          onednn_convolution_backward_weights(
            forward.handle, anySource.handle, anyKernel.handle, bias?.layout.handle,
            anyOutput.handle, $0, status)
        }
      }
    kernelGradients[bias != nil] = primitive
    let read = try builder.reorder(
      source, to: primitive.layout(ONEDNN_SOURCE, shape: sourceShape))
    let change = try builder.reorder(
      gradient, to: primitive.layout(ONEDNN_DIFF_DESTINATION, shape: outputShape))
    try builder.emitKernelGradient(primitive, of: read, change, into: slot, bias: bias)
  }

  func differentiateSource(_ gradient: Form, kernel: ParameterStore.Slot) throws -> Form {
    let anySource = try DataLayout.any(sourceShape)
    let anyKernel = try DataLayout.any(kernel.layout.shape)
    let anyOutput = try DataLayout.any(outputShape)
    let primitive =
      try sourceGradient
      ?? Primitive("convolution's input gradient") { status in
        withUnsafePointer(to: geometry.window) {
          onednn_convolution_backward_data(
            forward.handle, anySource.handle, anyKernel.handle, anyOutput.handle, $0, status)
        }
      }
    sourceGradient = primitive
    let known = turned[ObjectIdentifier(kernel)]
    let weights =
      try known
      ?? builder.weights(kernel, as: primitive.layout(ONEDNN_WEIGHTS, shape: kernel.layout.shape))
    turned[ObjectIdentifier(kernel)] = weights
    let change = try builder.reorder(
      gradient, to: primitive.layout(ONEDNN_DIFF_DESTINATION, shape: outputShape))
    let result = builder.makeForm(try primitive.layout(ONEDNN_DIFF_SOURCE, shape: sourceShape))
    builder.emit(
      PrimitiveCommand(
        primitive,
        [
          (ONEDNN_DIFF_DESTINATION, change), (ONEDNN_WEIGHTS, weights),
          (ONEDNN_DIFF_SOURCE, result),
        ]))
    return result
  }
}
