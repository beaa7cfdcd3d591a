import COneDNN
import ModelGraph
import Support

extension ProgramBuilder {
  /// `x·W + b` over the last axis of an example.
  func compileDense(units: Int, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    let width = input.shape[input.shape.count - 1]
    let rows = batch * input.elementCount / width
    let kernel = try requiredParameter(.kernel, of: layer)
    try check(kernel, hasAxes: [.output: units, .input: width])
    let isFlat = input.shape.count == 1
    let outputShape = Array(input.shape.dropLast()) + [units]
    let output = try Value(
      name: layer.name, batch: batch, shape: outputShape, channelAxis: outputShape.count - 1)
    output.needsGradient = needsGradient(layer, [input])
    output.mask = input.mask

    let bias = try vectorSlot(.bias, of: layer, count: units)
    let sourceShape = [rows, width]
    let targetShape = [rows, units]
    let anySource = isFlat ? try DataLayout.any(sourceShape) : try .dense(sourceShape)
    let anyTarget = isFlat ? try DataLayout.any(targetShape) : try .dense(targetShape)
    let anyWeights = try DataLayout.any([units, width])
    let follower = follower(of: index)
    let forward = try Primitive("dense layer") {
      onednn_inner_product_forward(
        options.isTraining, anySource.handle, anyWeights.handle, bias?.layout.handle,
        anyTarget.handle, follower?.fused ?? .none, $0)
    }
    let slot = try denseSlot(
      kernel, units: units, width: width,
      preferring: forward.layout(ONEDNN_WEIGHTS, shape: [units, width]))

    let source = try rowForm(of: input, forward, ONEDNN_SOURCE, shape: sourceShape)
    let target = makeForm(try forward.layout(ONEDNN_DESTINATION, shape: targetShape))
    var arguments = [
      (ONEDNN_SOURCE, source), (ONEDNN_DESTINATION, target),
      (
        ONEDNN_WEIGHTS,
        try weights(slot, as: forward.layout(ONEDNN_WEIGHTS, shape: [units, width]))
      ),
    ]
    if let bias { arguments.append((ONEDNN_BIAS, bias.form)) }
    emit(PrimitiveCommand(forward, arguments))
    output.forms = [
      Form(layout: isFlat ? target.layout : output.plainLayout, buffer: target.buffer)
    ]
    define(output, for: index)
    finish(follower, on: target)

    onBackward { [self] in
      guard output.needsGradient, let whole = try gradient(of: output) else { return }
      let gradient =
        isFlat
        ? whole
        : Form(
          layout: try .dense(targetShape), buffer: try reorder(whole, to: output.plainLayout).buffer
        )
      if options.isTraining {
        try emitDenseWeights(forward, slot: slot, bias: bias, source: source, gradient: gradient)
      }
      if input.needsGradient {
        try emitDenseData(forward, slot: slot, input: input, isFlat: isFlat, gradient: gradient)
      }
    }
  }

  /// The kernel, outputs first.
  func denseSlot(
    _ kernel: Parameter, units: Int, width: Int, preferring layout: DataLayout
  ) throws -> ParameterStore.Slot {
    let matrix = kernel.joined
    let strides = rowMajorStrides(matrix.shape)
    let isOutputFirst = matrix.axes[0] == .output
    return try store.slot(
      for: kernel, shape: [units, width],
      fileStrides: isOutputFirst ? strides : strides.reversed(), preferring: layout)
  }

  /// The rows that a dense layer reads, in the layout that an operation wants.
  func rowForm(
    of input: Value, _ primitive: Primitive, _ argument: onednn_argument, shape: [Int]
  ) throws -> Form {
    if input.shape.count == 1 {
      return try form(of: input, as: primitive.layout(argument, shape: shape))
    }
    return Form(layout: try .dense(shape), buffer: try plain(input).buffer)
  }

  private func emitDenseWeights(
    _ hint: Primitive, slot: ParameterStore.Slot, bias: ParameterStore.Slot?, source: Form,
    gradient: Form
  ) throws {
    let shape = slot.layout.shape
    let anyWeights = try DataLayout.any(shape)
    let primitive = try Primitive("dense layer's weight gradient") {
      onednn_inner_product_backward_weights(
        hint.handle, source.layout.handle, anyWeights.handle, bias?.layout.handle,
        gradient.layout.handle, $0)
    }
    let target = gradientTarget(
      slot, as: try primitive.layout(ONEDNN_DIFF_WEIGHTS, shape: shape))
    var arguments = [
      (ONEDNN_SOURCE, source), (ONEDNN_DIFF_DESTINATION, gradient), (ONEDNN_DIFF_WEIGHTS, target),
    ]
    let biasTarget = bias.map { gradientTarget($0, as: $0.layout) }
    if let biasTarget { arguments.append((ONEDNN_DIFF_BIAS, biasTarget)) }
    emit(PrimitiveCommand(primitive, arguments))
    try finishGradient(target, of: slot)
    if let bias, let biasTarget { try finishGradient(biasTarget, of: bias) }
  }

  private func emitDenseData(
    _ hint: Primitive, slot: ParameterStore.Slot, input: Value, isFlat: Bool, gradient: Form
  ) throws {
    let sourceShape = [gradient.layout.shape[0], slot.layout.shape[1]]
    let source = try DataLayout.dense(sourceShape)
    let anyWeights = try DataLayout.any(slot.layout.shape)
    let primitive = try Primitive("dense layer's input gradient") {
      onednn_inner_product_backward_data(
        hint.handle, source.handle, anyWeights.handle, gradient.layout.handle, $0)
    }
    let kernel = try weights(slot, as: primitive.layout(ONEDNN_WEIGHTS, shape: slot.layout.shape))
    let target = makeForm(source)
    emit(
      PrimitiveCommand(
        primitive,
        [
          (ONEDNN_DIFF_DESTINATION, gradient), (ONEDNN_WEIGHTS, kernel),
          (ONEDNN_DIFF_SOURCE, target),
        ]))
    contribute(Form(layout: input.plainLayout, buffer: target.buffer), to: input)
  }
}
