import ModelGraph
import Support

extension ProgramBuilder {
  /// The elements of each example in another order. Forward and backward: a gradient goes the way back.
  func compileRearrangement(
    _ rearrangement: Rearrangement, _ layer: Layer, at index: Int
  ) throws {
    let input = try input(of: layer)
    guard input.shape.count == rearrangement.split.count else {
      throw Diagnostic(.badData, "a shape \(input.shape) cannot be put in another order")
    }
    var parts: [Int] = []
    for (length, own) in zip(input.shape, rearrangement.split) {
      guard own == [-1] || own.reduce(1, *) == length else {
        throw Diagnostic(.badData, "an axis of \(length) does not divide into \(own)")
      }
      parts += own == [-1] ? [length] : own
    }
    let shape = rearrangement.targets.map { $0.reduce(1) { $0 * parts[$1] } }
    guard rearrangement.order.sorted() == Array(parts.indices), !shape.isEmpty else {
      throw Diagnostic(.badData, "a shape \(input.shape) cannot be put in another order")
    }
    let channelAxis = graph.channelOrder == .last ? shape.count - 1 : 0
    let output = try makeValue(layer.name, shape: shape, channelAxis: channelAxis)
    output.needsGradient = input.needsGradient
    let places = sources(of: parts, order: rearrangement.order)
    let source = try plain(input).buffer
    let target = output.forms[0].buffer
    let batch = batch
    emit(
      KernelCommand(touching: [source, target]) {
        for example in 0..<batch {
          let from = source.floats + example * places.count
          let into = target.floats + example * places.count
          for (place, origin) in places.enumerated() { into[place] = from[origin] }
        }
      })
    define(output, for: index)

    onBackward { [self] in
      guard input.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      let back = makeForm(input.plainLayout)
      emit(
        KernelCommand(touching: [gradient.buffer, back.buffer]) {
          for example in 0..<batch {
            let from = gradient.buffer.floats + example * places.count
            let into = back.buffer.floats + example * places.count
            for (place, origin) in places.enumerated() { into[origin] = from[place] }
          }
        })
      contribute(back, to: input)
    }
  }

  /// For each element of the output, where it stands in the input.
  private func sources(of parts: [Int], order: [Int]) -> [Int] {
    let strides = rowMajorStrides(parts)
    var places = [0]
    for part in order {
      places = places.flatMap { place in (0..<parts[part]).map { place + $0 * strides[part] } }
    }
    return places
  }
}
