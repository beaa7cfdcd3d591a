import COneDNN
import ModelGraph
import Support

extension ProgramBuilder {
  /// Maximum or average over windows.
  func compilePooling(_ parameters: Pooling, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    let geometry = try WindowGeometry(
      input: input.spatialShape, kernel: parameters.size, strides: parameters.strides,
      dilation: parameters.size.map { _ in 1 }, padding: parameters.padding)
    let kind =
      switch parameters.kind {
      case .maximum: ONEDNN_MAXIMUM
      case .average: parameters.countsPadding ? ONEDNN_AVERAGE_PADDED : ONEDNN_AVERAGE_INSIDE
      }
    let output = try Value(
      name: layer.name, batch: batch,
      shape: input.shape(channels: input.channelCount, spatial: geometry.outputShape),
      channelAxis: input.channelAxis)
    try emitPooling(kind, geometry, from: input, into: output)
    define(output, for: index)
  }

  /// Maximum or average over all spatial axes: one window as large as the input.
  func compileGlobalPooling(
    _ poolingKind: Pooling.Kind, keepsAxes: Bool, _ layer: Layer, at index: Int
  ) throws {
    let input = try input(of: layer)
    if poolingKind == .average, let mask = input.mask, input.shape.count == 2,
      input.channelAxis == 1
    {
      return try compileMaskedMean(mask, keepsAxes: keepsAxes, layer, at: index)
    }
    let spatial = input.spatialShape
    let geometry = try WindowGeometry(
      input: spatial, kernel: spatial, strides: spatial, dilation: spatial.map { _ in 1 },
      padding: .valid)
    let pooled = try Value(
      name: layer.name, batch: batch,
      shape: input.shape(channels: input.channelCount, spatial: geometry.outputShape),
      channelAxis: input.channelAxis)
    let kind = poolingKind == .maximum ? ONEDNN_MAXIMUM : ONEDNN_AVERAGE_INSIDE
    try emitPooling(kind, geometry, from: input, into: pooled)
    if keepsAxes { return define(pooled, for: index) }
    define(try reshaped(pooled, to: [input.channelCount], name: layer.name), for: index)
  }

  private func emitPooling(
    _ kind: onednn_pooling_kind, _ geometry: WindowGeometry, from input: Value, into output: Value
  ) throws {
    output.needsGradient = input.needsGradient
    let source = input.forms[0]
    let anyOutput = try DataLayout.any(output.logicalShape)
    let forward = try Primitive("pooling layer") { status in
      withUnsafePointer(to: geometry.window) {
        onednn_pooling_forward(
          input.needsGradient, kind, source.layout.handle, anyOutput.handle, $0, status)
      }
    }
    let result = makeForm(
      try forward.layout(ONEDNN_DESTINATION, shape: output.logicalShape))
    output.forms = [result]
    var arguments = [(ONEDNN_SOURCE, source), (ONEDNN_DESTINATION, result)]
    let workspace = forward.optionalLayout(ONEDNN_WORKSPACE).map { makeForm($0) }
    if let workspace { arguments.append((ONEDNN_WORKSPACE, workspace)) }
    emit(PrimitiveCommand(forward, arguments))
    if kind == ONEDNN_MAXIMUM { emitNaN(ofWindows: geometry, from: source, into: result) }

    onBackward { [self] in
      guard input.needsGradient, let gradient = try gradient(of: output, as: result.layout)
      else { return }
      let backward = try Primitive("pooling layer's gradient") { status in
        withUnsafePointer(to: geometry.window) {
          onednn_pooling_backward(
            forward.handle, kind, source.layout.handle, result.layout.handle, $0, status)
        }
      }
      let target = makeForm(source.layout)
      var arguments = [(ONEDNN_DIFF_DESTINATION, gradient), (ONEDNN_DIFF_SOURCE, target)]
      if let workspace { arguments.append((ONEDNN_WORKSPACE, workspace)) }
      emit(PrimitiveCommand(backward, arguments))
      contribute(target, to: input)
    }
  }
}
