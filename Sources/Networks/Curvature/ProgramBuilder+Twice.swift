import CKernels
import COneDNN
import ModelGraph
import Support

/// Products of the loss's second derivatives with a direction, by differentiating the gradient along it
/// (forward over reverse: Pearlmutter, "Fast exact multiplication by the Hessian", 1994).
///
/// Every value that depends on weights has a tangent, a value of its own: how it changes along the
/// direction. What consumers contribute to the tangent's gradient is the change of the value's gradient.
/// A linear layer is therefore compiled a second time, on tangents; other layers have rules here.
extension ProgramBuilder {
  /// Compiles a layer with its tangent, forward and backward.
  ///
  /// - Throws: `Diagnostic` where there is no rule for the layer.
  func compileTwice(_ layer: Layer, at index: Int) throws {
    switch layer.operation {
    case .dense(let units):
      let input = try input(of: layer)
      let (operation, output) = try DenseOperation.make(units: units, layer, input, in: self)
      try compileBilinear(operation, from: input, into: output, at: index)
    case .convolution(let parameters):
      let input = try input(of: layer)
      let (operation, output) = try ConvolutionOperation.make(parameters, layer, input, in: self)
      try compileBilinear(operation, from: input, into: output, at: index)
    case .batchNormalization(let epsilon, _):
      try compileNormalizationTwice(epsilon: epsilon, layer, at: index)
    case .activation where isDropped(index), .activation(.linear):
      try pass(layer, at: index)
    case .activation(let activation):
      try compileActivationTwice(activation, layer, at: index)
    case .pooling(let parameters) where parameters.kind == .maximum:
      try compileMaximumTwice(parameters, layer, at: index)
    case .globalPooling(.maximum, let keepsAxes):
      try compileGlobalMaximumTwice(keepsAxes: keepsAxes, layer, at: index)
    case .rescaling(let scale, _):
      try compile(layer, at: index)
      try compileTangent(layer, at: index) {
        let function = onednn_function(kind: ONEDNN_LINEAR, alpha: Float(scale), beta: 0)
        try compileFunction(function, try input(of: layer), layer, at: index)
      }
    case .pooling, .globalPooling, .zeroPadding, .edgePadding, .cropping, .channelPadding,
      .flatten, .reshape,
      .upsampling, .dropout, .add, .concatenate, .elementwise(.average):
      try compile(layer, at: index)
      try compileTangent(layer, at: index) { try compile(layer, at: index) }
    case .input: try compile(layer, at: index)
    default:
      let isConstant = try inputs(of: layer).allSatisfy { $0.tangent == nil }
      guard isConstant, layer.parameters.isEmpty else {
        throw Diagnostic(
          .usage, "there are no second derivatives of a \(layer.operation.name) layer",
          remedy: "dense, convolution, pooling, batch normalisation, activations, sums and changes "
            + "of shape have them")
      }
      try compile(layer, at: index)
    }
  }

  /// Compiles a linear layer on the tangents of its inputs: `body` reads and defines values as usual.
  private func compileTangent(_ layer: Layer, at index: Int, _ body: () throws -> Void) throws {
    let inputs = try inputs(of: layer)
    guard let output = values[index], inputs.contains(where: { $0.tangent != nil }),
      !inputs.contains(where: { $0 === output })
    else { return }
    for (place, input) in zip(layer.inputs, inputs) {
      values[place] = try input.tangent ?? zeros(like: input)
    }
    try inTangent { try body() }
    output.tangent = values[index]
    for (place, input) in zip(layer.inputs, inputs) { values[place] = input }
    values[index] = output
  }

  /// A value that is always 0: the tangent of what does not depend on weights.
  private func zeros(like value: Value) throws -> Value {
    let zeros = try Value(
      name: value.name, batch: batch, shape: value.shape, channelAxis: value.channelAxis)
    // Memory is zeroed when it is allocated, and pinned memory is never used for anything else.
    zeros.forms = [makeForm(value.plainLayout, isPinned: true)]
    return zeros
  }

  /// A fresh tangent of a value, with memory in a layout.
  func makeTangent(of value: Value, as layout: DataLayout) throws -> (tangent: Value, form: Form) {
    let form = makeForm(layout)
    let tangent = try Value(
      name: value.name, batch: batch, shape: value.shape, channelAxis: value.channelAxis)
    tangent.needsGradient = true
    tangent.forms = [form]
    value.tangent = tangent
    return (tangent, form)
  }

  /// Adds one tensor to another of the same layout.
  func emitSum(of source: Form, into target: Form) {
    let count = Int64(target.buffer.byteCount / MemoryLayout<Float>.stride)
    emit(
      KernelCommand(touching: [source.buffer, target.buffer]) {
        wsl_add_to(source.buffer.floats, target.buffer.floats, count)
      })
  }
}
