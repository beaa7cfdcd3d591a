import COneDNN
import ModelGraph

/// An operation that is linear in what it reads and linear in its kernel, with a bias perhaps: a dense
/// layer or a convolution. Each function emits commands.
protocol BilinearOperation: AnyObject {
  /// The kernel and the bias.
  var slot: ParameterStore.Slot { get }
  var bias: ParameterStore.Slot? { get }

  /// What it reads, in the layout that it wants.
  func source(of value: Value) throws -> Form
  /// The result for a kernel, in the layout of the layer's output.
  func apply(
    _ source: Form, kernel: ParameterStore.Slot, bias: ParameterStore.Slot?
  ) throws -> Form
  /// The result as a form of the output's shape.
  func outputForm(_ result: Form) -> Form
  /// A gradient of the output in the layout that the functions below want; nil where there is none.
  func gradient(of value: Value) throws -> Form?
  /// Leaves the derivative by the kernel, and by the bias where it is given, or adds to it.
  func differentiateKernel(
    _ source: Form, _ gradient: Form, into slot: ParameterStore.Slot, bias: ParameterStore.Slot?
  ) throws
  /// The derivative by what it reads.
  func differentiateSource(_ gradient: Form, kernel: ParameterStore.Slot) throws -> Form
}

extension ProgramBuilder {
  /// The direction that belongs to weights.
  func twin(of slot: ParameterStore.Slot) throws -> ParameterStore.Slot {
    guard let directions else { preconditionFailure("second derivatives need directions") }
    return try directions.twin(of: slot)
  }

  /// Compiles y = W·x + b and its derivatives. With dots for changes along the direction:
  /// ẏ = W·ẋ + Ẇ·x + ḃ; x̄ = Wᵀ·ȳ; and the changes of the gradients, x̄˙ = Wᵀ·ȳ˙ + Ẇᵀ·ȳ,
  /// W̄˙ = ȳ˙·xᵀ + ȳ·ẋᵀ.
  func compileBilinear(
    _ operation: any BilinearOperation, from input: Value, into output: Value, at index: Int
  ) throws {
    let kernel = operation.slot
    let kernelTwin = try twin(of: kernel)
    let biasTwin = try operation.bias.map(twin)
    let source = try operation.source(of: input)
    let result = try operation.apply(source, kernel: kernel, bias: operation.bias)
    output.forms = [operation.outputForm(result)]
    output.needsGradient = true
    define(output, for: index)

    let tangent = try Value(
      name: output.name, batch: batch, shape: output.shape, channelAxis: output.channelAxis)
    tangent.needsGradient = true
    output.tangent = tangent
    var sourceTangent: Form?
    try inTangent {
      let change = try operation.apply(source, kernel: kernelTwin, bias: biasTwin)
      if let moved = input.tangent {
        let form = try operation.source(of: moved)
        sourceTangent = form
        emitSum(of: try operation.apply(form, kernel: kernel, bias: nil), into: change)
      }
      tangent.forms = [operation.outputForm(change)]
    }

    onBackward { [self] in
      guard let gradient = try operation.gradient(of: output) else { return }
      if input.needsGradient {
        contribute(try operation.differentiateSource(gradient, kernel: kernel), to: input)
      }
      try inTangent {
        guard let change = try operation.gradient(of: tangent) else { return }
        try operation.differentiateKernel(source, change, into: kernelTwin, bias: biasTwin)
        if let sourceTangent {
          try operation.differentiateKernel(sourceTangent, gradient, into: kernelTwin, bias: nil)
        }
        guard input.needsGradient, let moved = input.tangent else { return }
        contribute(try operation.differentiateSource(change, kernel: kernel), to: moved)
        contribute(try operation.differentiateSource(gradient, kernel: kernelTwin), to: moved)
      }
    }
  }

  /// Emits a product with a kernel.
  func emitBilinear(
    _ primitive: Primitive, of source: Form, _ weights: Form, _ bias: ParameterStore.Slot?,
    into result: Form
  ) {
    var arguments = [
      (ONEDNN_SOURCE, source), (ONEDNN_WEIGHTS, weights), (ONEDNN_DESTINATION, result),
    ]
    if let bias { arguments.append((ONEDNN_BIAS, bias.form)) }
    emit(PrimitiveCommand(primitive, arguments))
  }

  /// Emits the derivative by a kernel, and by the bias where it is given, which the slots then have.
  func emitKernelGradient(
    _ primitive: Primitive, of source: Form, _ gradient: Form, into slot: ParameterStore.Slot,
    bias: ParameterStore.Slot?
  ) throws {
    let target = gradientTarget(
      slot, as: try primitive.layout(ONEDNN_DIFF_WEIGHTS, shape: slot.layout.shape))
    var arguments = [
      (ONEDNN_SOURCE, source), (ONEDNN_DIFF_DESTINATION, gradient), (ONEDNN_DIFF_WEIGHTS, target),
    ]
    let biasTarget = bias.map { gradientTarget($0, as: $0.layout) }
    if let biasTarget { arguments.append((ONEDNN_DIFF_BIAS, biasTarget)) }
    emit(PrimitiveCommand(primitive, arguments))
    try finishGradient(target, of: slot)
    if let bias, let biasTarget { try finishGradient(biasTarget, of: bias) }
  }
}
