import COneDNN
import ModelGraph
import Support

/// A dense layer as a bilinear operation.
final class DenseOperation: BilinearOperation {
  let slot: ParameterStore.Slot
  let bias: ParameterStore.Slot?
  private unowned let builder: ProgramBuilder
  private let forward: Primitive
  private let input: Value
  private let output: Value
  private let isFlat: Bool
  private let sourceShape: [Int]
  private let targetShape: [Int]
  private let target: DataLayout
  private var linear: Primitive?
  private var sourceGradient: Primitive?
  /// Kernels in the layout of the gradient by the source.
  private var turned: [ObjectIdentifier: Form] = [:]

  private init(
    builder: ProgramBuilder, forward: Primitive, slot: ParameterStore.Slot,
    bias: ParameterStore.Slot?, input: Value, output: Value, sourceShape: [Int],
    targetShape: [Int]
  ) throws {
    (self.builder, self.forward, self.slot, self.bias) = (builder, forward, slot, bias)
    (self.input, self.output) = (input, output)
    (self.sourceShape, self.targetShape) = (sourceShape, targetShape)
    isFlat = input.shape.count == 1
    target = try forward.layout(ONEDNN_DESTINATION, shape: targetShape)
  }

  /// Builds the operation and its output, which has no memory yet.
  static func make(
    units: Int, _ layer: Layer, _ input: Value, in builder: ProgramBuilder
  ) throws -> (DenseOperation, Value) {
    let width = input.shape[input.shape.count - 1]
    let rows = builder.batch * input.elementCount / width
    let kernel = try builder.requiredParameter(.kernel, of: layer)
    try builder.check(kernel, hasAxes: [.output: units, .input: width])
    let outputShape = Array(input.shape.dropLast()) + [units]
    let output = try Value(
      name: layer.name, batch: builder.batch, shape: outputShape,
      channelAxis: outputShape.count - 1)
    let bias = try builder.vectorSlot(.bias, of: layer, count: units)
    let isFlat = input.shape.count == 1
    let (source, target) = ([rows, width], [rows, units])
    let anySource = isFlat ? try DataLayout.any(source) : try .dense(source)
    let anyTarget = isFlat ? try DataLayout.any(target) : try .dense(target)
    let anyKernel = try DataLayout.any([units, width])
    let forward = try Primitive("dense layer") {
      onednn_inner_product_forward(
        true, anySource.handle, anyKernel.handle, bias?.layout.handle, anyTarget.handle, .none, $0)
    }
    let slot = try builder.denseSlot(
      kernel, units: units, width: width,
      preferring: forward.layout(ONEDNN_WEIGHTS, shape: [units, width]))
    let operation = try DenseOperation(
      builder: builder, forward: forward, slot: slot, bias: bias, input: input, output: output,
      sourceShape: source, targetShape: target)
    return (operation, output)
  }

  func source(of value: Value) throws -> Form {
    try builder.rowForm(of: value, forward, ONEDNN_SOURCE, shape: sourceShape)
  }

  func apply(
    _ source: Form, kernel: ParameterStore.Slot, bias: ParameterStore.Slot?
  ) throws -> Form {
    let layout = try forward.layout(ONEDNN_WEIGHTS, shape: kernel.layout.shape)
    let primitive =
      if (bias == nil) == (self.bias == nil) { forward } else {
        try linear
          ?? Primitive("dense layer") {
            onednn_inner_product_forward(
              true, source.layout.handle, layout.handle, nil, target.handle, .none, $0)
          }
      }
    if bias == nil, self.bias != nil { linear = primitive }
    let result = builder.makeForm(target)
    builder.emitBilinear(
      primitive, of: source, try builder.weights(kernel, as: layout), bias, into: result)
    return result
  }

  func outputForm(_ result: Form) -> Form {
    Form(layout: isFlat ? result.layout : output.plainLayout, buffer: result.buffer)
  }

  func gradient(of value: Value) throws -> Form? {
    let layout = isFlat ? target : output.plainLayout
    guard let whole = try builder.gradient(of: value, as: layout) else { return nil }
    return Form(layout: isFlat ? target : try .dense(targetShape), buffer: whole.buffer)
  }

  func differentiateKernel(
    _ source: Form, _ gradient: Form, into slot: ParameterStore.Slot, bias: ParameterStore.Slot?
  ) throws {
    let shape = slot.layout.shape
    let anyKernel = try DataLayout.any(shape)
    let primitive = try Primitive("dense layer's weight gradient") {
      onednn_inner_product_backward_weights(
        forward.handle, source.layout.handle, anyKernel.handle, bias?.layout.handle,
        gradient.layout.handle, $0)
    }
    try builder.emitKernelGradient(primitive, of: source, gradient, into: slot, bias: bias)
  }

  func differentiateSource(_ gradient: Form, kernel: ParameterStore.Slot) throws -> Form {
    let layout = try DataLayout.dense(sourceShape)
    let anyKernel = try DataLayout.any(kernel.layout.shape)
    let primitive =
      try sourceGradient
      ?? Primitive("dense layer's input gradient") {
        onednn_inner_product_backward_data(
          forward.handle, layout.handle, anyKernel.handle, gradient.layout.handle, $0)
      }
    sourceGradient = primitive
    let known = turned[ObjectIdentifier(kernel)]
    let weights =
      try known
      ?? builder.weights(kernel, as: primitive.layout(ONEDNN_WEIGHTS, shape: kernel.layout.shape))
    turned[ObjectIdentifier(kernel)] = weights
    let result = builder.makeForm(layout)
    builder.emit(
      PrimitiveCommand(
        primitive,
        [
          (ONEDNN_DIFF_DESTINATION, gradient), (ONEDNN_WEIGHTS, weights),
          (ONEDNN_DIFF_SOURCE, result),
        ]))
    return Form(layout: input.plainLayout, buffer: result.buffer)
  }
}
