import ModelGraph
import WorkbenchCore

extension ProgramBuilder {
  /// Maximum pooling. Which element is the largest is decided once, so that tangents and gradients
  /// take the same.
  func compileMaximumTwice(_ parameters: Pooling, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    let geometry = try WindowGeometry(
      input: input.spatialShape, kernel: parameters.size, strides: parameters.strides,
      dilation: parameters.size.map { _ in 1 }, padding: parameters.padding)
    define(try maximum(of: input, geometry, layer), for: index)
  }

  /// The maximum over all positions.
  func compileGlobalMaximumTwice(keepsAxes: Bool, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    let spatial = input.spatialShape
    let geometry = try WindowGeometry(
      input: spatial, kernel: spatial, strides: spatial, dilation: spatial.map { _ in 1 },
      padding: .valid)
    let pooled = try maximum(of: input, geometry, layer)
    if keepsAxes { return define(pooled, for: index) }
    let output = try reshaped(pooled, to: [input.channelCount], name: layer.name)
    if let tangent = pooled.tangent {
      output.tangent = try inTangent {
        try reshaped(tangent, to: [input.channelCount], name: layer.name)
      }
    }
    define(output, for: index)
  }

  private func maximum(
    of input: Value, _ geometry: WindowGeometry, _ layer: Layer
  ) throws -> Value {
    let output = try makeValue(
      layer.name, shape: input.shape(channels: input.channelCount, spatial: geometry.outputShape),
      channelAxis: input.channelAxis)
    output.needsGradient = input.needsGradient
    let windows = MaximumWindows(
      geometry, batch: batch, channels: input.channelCount, spatial: input.spatialShape,
      isChannelLast: input.channelAxis != 0)
    let count = batch * output.elementCount
    let places = Buffer(byteCount: count * MemoryLayout<Int32>.stride)
    let source = try plain(input).buffer
    let result = output.forms[0].buffer
    emit(
      KernelCommand(touching: [source, places, result]) {
        let chosen = places.base.assumingMemoryBound(to: Int32.self)
        windows.choose(source.floats, chosen)
        windows.take(source.floats, chosen, into: result.floats)
      })
    onBackward { [self] in try giveBack(from: output, to: input, windows, places) }
    guard let moved = input.tangent else { return output }
    let (tangent, form) = try makeTangent(of: output, as: output.plainLayout)
    try inTangent {
      let change = try plain(moved).buffer
      emit(
        KernelCommand(touching: [change, places, form.buffer]) {
          windows.take(
            change.floats, places.base.assumingMemoryBound(to: Int32.self),
            into: form.buffer.floats)
        })
      onBackward { [self] in try giveBack(from: tangent, to: moved, windows, places) }
    }
    return output
  }

  private func giveBack(
    from output: Value, to input: Value, _ windows: MaximumWindows, _ places: Buffer
  ) throws {
    guard input.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
    else { return }
    let target = makeForm(input.plainLayout)
    emit(
      KernelCommand(touching: [gradient.buffer, places, target.buffer]) {
        windows.give(
          gradient.buffer.floats, places.base.assumingMemoryBound(to: Int32.self),
          into: target.buffer.floats)
      })
    contribute(target, to: input)
  }
}
