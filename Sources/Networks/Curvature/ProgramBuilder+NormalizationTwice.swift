import CKernels
import ModelGraph
import WorkbenchCore

extension ProgramBuilder {
  /// Batch normalisation, by the running statistics or by those of the batch
  /// (`ProgramOptions.normalizesByBatch`), with its tangents.
  func compileNormalizationTwice(epsilon: Double, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    let size = input.channelCount
    let gamma = try vectorSlot(.gamma, of: layer, count: size)
    let beta = try vectorSlot(.beta, of: layer, count: size)
    _ = try requiredParameter(.movingMean, of: layer)
    _ = try requiredParameter(.movingVariance, of: layer)
    guard let mean = try vectorSlot(.movingMean, of: layer, count: size),
      let variance = try vectorSlot(.movingVariance, of: layer, count: size)
    else { return }
    let own = input.forms[0].layout
    let layout = own.channels == nil ? input.plainLayout : own
    guard let channels = layout.channels else {
      throw Diagnostic(.failed, "the channels of the layer's input cannot be told apart")
    }
    let source = try form(of: input, as: layout).buffer
    let result = makeForm(layout)
    let output = try Value(
      name: layer.name, batch: batch, shape: input.shape, channelAxis: input.channelAxis)
    output.forms = [result]
    output.needsGradient = needsGradient(layer, [input])
    define(output, for: index)
    let vectors = NormalizationTangents(
      channels, size: size, epsilon: epsilon, usesBatch: options.normalizesByBatch)
    let weights = AffineBuffers(scale: gamma?.value, shift: beta?.value)
    let (means, variances) = (mean.value, variance.value)
    emit(
      KernelCommand(touching: [source, result.buffer]) {
        vectors.forward(
          source.floats, weights.vectors,
          running: (UnsafePointer(means.floats), UnsafePointer(variances.floats)),
          into: result.buffer.floats)
      })

    guard output.needsGradient else { return }
    let gammaTwin = try gamma.map(twin)
    let betaTwin = try beta.map(twin)
    let direction = AffineBuffers(scale: gammaTwin?.value, shift: betaTwin?.value)
    let (tangent, tangentForm) = try makeTangent(of: output, as: layout)
    let moved = try inTangent { try input.tangent.map { try form(of: $0, as: layout).buffer } }
    inTangent {
      let into = tangentForm.buffer
      emit(
        KernelCommand(touching: [source, moved, into].compactMap { $0 }) {
          vectors.forwardTangent(
            source.floats, moved.map { UnsafePointer($0.floats) }, weights.vectors,
            direction.vectors, into: into.floats)
        })
    }

    onBackward { [self] in
      guard let gradient = try gradient(of: output, as: layout)?.buffer else { return }
      if input.needsGradient || options.normalizesByBatch {
        let target = makeForm(layout)
        emit(
          KernelCommand(touching: [source, gradient, target.buffer]) {
            vectors.backward(
              source.floats, gradient.floats, weights.vectors, into: target.buffer.floats)
          })
        contribute(target, to: input)
      }
      try inTangent {
        guard let change = try self.gradient(of: tangent, as: layout)?.buffer else { return }
        let target = input.needsGradient ? makeForm(layout) : nil
        let vector = try DataLayout.dense([size])
        let scale = gammaTwin.map { gradientTarget($0, as: vector) }
        let shift = betaTwin.map { gradientTarget($0, as: vector) }
        let read = [source, moved, gradient, change].compactMap { $0 }
        let written = [target, scale, shift].compactMap { $0?.buffer }
        emit(
          KernelCommand(touching: read + written) {
            vectors.backwardTangent(
              source.floats, moved.map { UnsafePointer($0.floats) }, gradient.floats,
              change.floats, weights.vectors, direction.vectors, into: target?.buffer.floats,
              scale: scale?.buffer.floats, shift: shift?.buffer.floats)
          })
        if let gammaTwin, let scale { try finishGradient(scale, of: gammaTwin) }
        if let betaTwin, let shift { try finishGradient(shift, of: betaTwin) }
        if let target, let tangent = input.tangent { contribute(target, to: tangent) }
      }
    }
  }
}

/// The memory of a normalisation's weights, which has its place only when it runs.
private struct AffineBuffers {
  var scale: Buffer?
  var shift: Buffer?

  var vectors: NormalizationTangents.Affine {
    .init(
      scale: scale.map { UnsafePointer($0.floats) }, shift: shift.map { UnsafePointer($0.floats) })
  }
}
