import ModelGraph
import Support

extension ProgramBuilder {
  /// Positions around the spatial axes that repeat those inside. The gradient of a position is the sum over
  /// its copies.
  func compileEdgePadding(_ padding: EdgePadding, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    var margins = padding.margins
    guard margins.count == input.spatialShape.count,
      margins.allSatisfy({ (0..<1 << 24).contains($0.before) && (0..<1 << 24).contains($0.after) }),
      padding.kind != .reflect
        || zip(margins, input.spatialShape).allSatisfy({ max($0.before, $0.after) < $1 })
    else {
      throw Diagnostic(
        .badData, "margins that do not fit \(input.spatialShape) positions")
    }
    margins.insert(Margin(0, 0), at: input.channelAxis)
    let shape = zip(input.shape, margins).map { $0 + $1.before + $1.after }
    let output = try makeValue(layer.name, shape: shape, channelAxis: input.channelAxis)
    output.needsGradient = input.needsGradient
    // Where each element of an example comes from.
    var sources = [0]
    for axis in shape.indices {
      let length = input.shape[axis]
      sources = sources.flatMap { start in
        (0..<shape[axis]).map {
          start * length + padding.source(of: $0 - margins[axis].before, length: length)
        }
      }
    }
    let source = try plain(input).buffer
    let target = output.forms[0].buffer
    let (batch, inner, outer) = (batch, input.elementCount, output.elementCount)
    emit(
      KernelCommand(touching: [source, target]) { [sources] in
        for example in 0..<batch {
          let from = source.floats + example * inner
          let into = target.floats + example * outer
          for element in 0..<outer { into[element] = from[sources[element]] }
        }
      })
    define(output, for: index)

    onBackward { [self, sources] in
      guard input.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      let back = makeForm(input.plainLayout)
      emit(
        KernelCommand(touching: [gradient.buffer, back.buffer]) {
          back.buffer.floats.update(repeating: 0, count: batch * inner)
          for example in 0..<batch {
            let from = gradient.buffer.floats + example * outer
            let into = back.buffer.floats + example * inner
            for element in 0..<outer { into[sources[element]] += from[element] }
          }
        })
      contribute(back, to: input)
    }
  }
}
