import ModelGraph
import Support

extension ProgramBuilder {
  /// `W·x + b` over the steps of an example, the same for every channel.
  func compileStepDense(units: Int, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    guard input.shape.count == 2, input.channelAxis == 1 else {
      throw Diagnostic(.badData, "works on steps × channels, not on \(input.shape)")
    }
    let (steps, width) = (input.shape[0], input.shape[1])
    let kernel = try requiredParameter(.kernel, of: layer)
    try check(kernel, hasAxes: [.stepOutput: units, .stepInput: steps])
    let isOutputFirst = kernel.axes[0] == .stepOutput
    let strides = rowMajorStrides(kernel.shape)
    let layout = try DataLayout.dense([units, steps])
    let slot = try store.slot(
      for: kernel, shape: [units, steps], fileStrides: isOutputFirst ? strides : strides.reversed(),
      preferring: layout)
    let matrix = try weights(slot, as: layout).buffer
    let bias = try vectorSlot(.bias, of: layer, count: units)
    let output = try makeValue(layer.name, shape: [units, width], channelAxis: 1)
    output.needsGradient = needsGradient(layer, [input])
    let (source, target) = (try plain(input).buffer, output.forms[0].buffer)
    let batch = batch
    emit(
      KernelCommand(touching: [source, target, matrix] + [bias?.value].compactMap { $0 }) {
        for example in 0..<batch {
          let into = target.floats + example * units * width
          for unit in 0..<units {
            (into + unit * width).update(
              repeating: bias?.value.floats[unit] ?? 0, count: width)
          }
          try product(
            sgemm(
              false, false, units, width, steps, 1, matrix.floats, steps,
              source.floats + example * steps * width, width, 1, into, width))
        }
      })
    define(output, for: index)

    onBackward { [self] in
      guard output.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      let change = gradient.buffer
      if input.needsGradient {
        let matrix = try weights(slot, as: layout).buffer
        let back = makeForm(input.plainLayout)
        emit(
          KernelCommand(touching: [change, matrix, back.buffer]) {
            for example in 0..<batch {
              try product(
                sgemm(
                  true, false, steps, width, units, 1, matrix.floats, steps,
                  change.floats + example * units * width, width, 0,
                  back.buffer.floats + example * steps * width, width))
            }
          })
        contribute(back, to: input)
      }
      guard options.isTraining else { return }
      let sum = gradientTarget(slot, as: layout)
      emit(
        KernelCommand(touching: [source, change, sum.buffer]) {
          for example in 0..<batch {
            try product(
              sgemm(
                false, true, units, steps, width, 1, change.floats + example * units * width, width,
                source.floats + example * steps * width, width, example == 0 ? 0 : 1,
                sum.buffer.floats, steps))
          }
        })
      try finishGradient(sum, of: slot)
      guard let bias else { return }
      let shift = gradientTarget(bias, as: bias.layout)
      emit(
        KernelCommand(touching: [change, shift.buffer]) {
          for unit in 0..<units {
            var total = 0.0
            for example in 0..<batch {
              let row = change.floats + (example * units + unit) * width
              for channel in 0..<width { total += Double(row[channel]) }
            }
            shift.buffer.floats[unit] = Float(total)
          }
        })
      try finishGradient(shift, of: bias)
    }
  }
}

/// Refuses a matrix product that failed.
private func product(_ isDone: Bool) throws {
  guard isDone else { throw Diagnostic(.failed, "oneDNN's matrix product failed") }
}
