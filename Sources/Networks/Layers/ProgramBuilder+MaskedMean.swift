import ModelGraph
import Support

extension ProgramBuilder {
  /// The mean over the steps that a mask keeps, as Keras's global average pooling has it. Where it keeps
  /// none there is no number.
  func compileMaskedMean(
    _ mask: Buffer, keepsAxes: Bool, _ layer: Layer, at index: Int
  ) throws {
    let input = try input(of: layer)
    let (steps, width) = (input.shape[0], input.shape[1])
    let shape = keepsAxes ? [1, width] : [width]
    let output = try makeValue(layer.name, shape: shape, channelAxis: shape.count - 1)
    output.needsGradient = input.needsGradient
    let (source, target) = (try plain(input).buffer, output.forms[0].buffer)
    let batch = batch
    emit(
      KernelCommand(touching: [source, target, mask]) {
        for example in 0..<batch {
          let into = target.floats + example * width
          into.update(repeating: 0, count: width)
          var count: Float = 0
          for step in 0..<steps where mask.floats[example * steps + step] != 0 {
            count += 1
            let from = source.floats + (example * steps + step) * width
            for channel in 0..<width { into[channel] += from[channel] }
          }
          for channel in 0..<width { into[channel] /= count }
        }
      })
    define(output, for: index)
    onBackward { [self] in
      guard input.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      let back = makeForm(input.plainLayout)
      let change = gradient.buffer
      emit(
        KernelCommand(touching: [change, back.buffer, mask]) {
          for example in 0..<batch {
            let kept = (0..<steps).count { mask.floats[example * steps + $0] != 0 }
            for step in 0..<steps {
              let into = back.buffer.floats + (example * steps + step) * width
              let isKept = mask.floats[example * steps + step] != 0
              for channel in 0..<width {
                into[channel] =
                  isKept ? change.floats[example * width + channel] / Float(kept) : 0
              }
            }
          }
        })
      contribute(back, to: input)
    }
  }
}
