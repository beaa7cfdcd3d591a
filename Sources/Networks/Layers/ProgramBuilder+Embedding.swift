import ModelGraph
import Support

extension ProgramBuilder {
  /// A row of a table for each integer of the input.
  func compileEmbedding(
    vocabulary: Int, size: Int, masksZero: Bool, _ layer: Layer, at index: Int
  ) throws {
    let input = try input(of: layer)
    let table = try requiredParameter(.embeddings, of: layer)
    guard table.shape == [vocabulary, size] else {
      throw Diagnostic(
        .badData, "the shape is \(table.shape), not [\(vocabulary), \(size)]", at: [table.tensor])
    }
    let layout = try DataLayout.dense([vocabulary, size])
    let slot = try store.slot(
      for: table, shape: [vocabulary, size], fileStrides: [size, 1], preferring: layout)
    let rows = try weights(slot, as: layout).buffer
    let output = try makeValue(
      layer.name, shape: input.shape + [size], channelAxis: input.shape.count)
    output.needsGradient = needsGradient(layer, [])
    let source = try plain(input).buffer
    let target = output.forms[0].buffer
    let count = batch * input.elementCount
    let name = layer.name
    emit(
      KernelCommand(touching: [source, target, rows]) {
        for place in 0..<count {
          let row = try embeddingRow(source.floats[place], vocabulary: vocabulary, layer: name)
          (target.floats + place * size).update(from: rows.floats + row * size, count: size)
        }
      })
    if masksZero {
      let mask = Buffer(byteCount: count * MemoryLayout<Float>.stride)
      emit(
        KernelCommand(touching: [source, mask]) {
          for place in 0..<count { mask.floats[place] = source.floats[place] == 0 ? 0 : 1 }
        })
      output.mask = mask
    }
    define(output, for: index)

    onBackward { [self] in
      guard options.isTraining, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      let sum = gradientTarget(slot, as: layout)
      emit(
        KernelCommand(touching: [source, gradient.buffer, sum.buffer]) {
          sum.buffer.floats.update(repeating: 0, count: vocabulary * size)
          for place in 0..<count {
            let row = try embeddingRow(source.floats[place], vocabulary: vocabulary, layer: name)
            let into = sum.buffer.floats + row * size
            let from = gradient.buffer.floats + place * size
            for element in 0..<size { into[element] += from[element] }
          }
        })
      try finishGradient(sum, of: slot)
    }
  }

  /// Zeroes time steps whose features all equal a value, and remembers them for recurrent layers.
  func compileMasking(value: Float, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    let steps = input.shape[0]
    let width = input.elementCount / steps
    let output = try makeValue(layer.name, shape: input.shape, channelAxis: input.channelAxis)
    output.needsGradient = input.needsGradient
    let source = try plain(input).buffer
    let target = output.forms[0].buffer
    let count = batch * steps
    let mask = Buffer(byteCount: count * MemoryLayout<Float>.stride)
    emit(
      KernelCommand(touching: [source, target, mask]) {
        for step in 0..<count {
          let from = source.floats + step * width
          let isMasked = (0..<width).allSatisfy { from[$0] == value }
          mask.floats[step] = isMasked ? 0 : 1
          let into = target.floats + step * width
          if isMasked {
            into.update(repeating: 0, count: width)
          } else {
            into.update(from: from, count: width)
          }
        }
      })
    output.mask = mask
    define(output, for: index)
    if output.needsGradient { try refuseGradient(layer) }
  }
}

/// The row of an embedding table for an element of the input.
private func embeddingRow(_ element: Float, vocabulary: Int, layer: String) throws -> Int {
  guard element >= 0, element < Float(vocabulary), let row = Int(exactly: element) else {
    throw Diagnostic(
      .badData, "\(element) is no row of a table of \(vocabulary)", at: [layer],
      remedy: "inputs of an embedding are integers from 0")
  }
  return row
}
