import ModelGraph
import Support

/// What is added to the products of attention by masks and by position.
extension ProgramBuilder {
  /// What Keras's masks of time steps mean for attention: keys that are left out, and queries.
  func attentionMasks(
    _ inputs: [Value], isWindowed: Bool
  ) throws -> (keys: Buffer?, queries: Buffer?) {
    var sources: [Buffer] = []
    for mask in inputs.dropFirst().compactMap(\.mask)
    where !sources.contains(where: { $0 === mask }) {
      sources.append(mask)
    }
    guard !isWindowed || (sources.isEmpty && inputs[0].mask == nil) else {
      throw Diagnostic(.badData, "attention in windows does not know masks of time steps")
    }
    guard !sources.isEmpty else { return (nil, inputs[0].mask) }
    let count = batch * inputs[1].shape[0]
    let target = floats(count)
    let masks = sources
    emit(
      KernelCommand(touching: masks + [target]) {
        for place in 0..<count {
          let isRead = masks.allSatisfy { $0.floats[place] != 0 }
          target.floats[place] = isRead ? 0 : AttentionKernel.masked
        }
      })
    return (target, inputs[0].mask)
  }

  /// The numbers that are added by position, head after head, made when the weights change.
  func emitBias(
    _ kernel: AttentionKernel, _ layer: Layer
  ) throws -> (numbers: Buffer, slot: ParameterStore.Slot?)? {
    guard let bias = kernel.bias else { return nil }
    let heads = kernel.sizes.heads
    let numbers = Buffer(
      byteCount: heads * bias.headCount * MemoryLayout<Float>.stride, isPinned: true)
    guard !bias.rows.isEmpty else {
      preparation.append(
        KernelCommand(touching: [numbers]) {
          bias.constants.withUnsafeBufferPointer {
            if let base = $0.baseAddress { numbers.floats.update(from: base, count: $0.count) }
          }
        })
      return (numbers, nil)
    }
    let parameter = try requiredParameter(.positionBias, of: layer)
    let shape = [bias.rowCount, heads]
    guard parameter.shape == shape else {
      throw Diagnostic(
        .badData, "the shape is \(parameter.shape); the layer needs \(shape)",
        at: [parameter.tensor])
    }
    let layout = try DataLayout.dense(shape)
    let slot = try store.slot(
      for: parameter, shape: shape, fileStrides: [heads, 1], preferring: layout)
    let table = try weights(slot, as: layout).buffer
    preparation.append(
      KernelCommand(touching: [table, numbers]) {
        for head in 0..<heads {
          for (place, row) in bias.rows.enumerated() {
            numbers.floats[head * bias.headCount + place] = table.floats[row * heads + head]
          }
        }
      })
    return (numbers, slot)
  }

  func emitBiasGradient(
    _ kernel: AttentionKernel, _ slot: ParameterStore.Slot, _ sums: Buffer
  ) throws {
    let heads = kernel.sizes.heads
    let rows = kernel.bias?.rowCount ?? 0
    let sequences = kernel.sequences
    let target = gradientTarget(slot, as: try .dense([rows, heads]))
    emit(
      KernelCommand(touching: [sums, target.buffer]) {
        for row in 0..<rows {
          for head in 0..<heads {
            var total = 0.0
            for sequence in 0..<sequences {
              total += Double(sums.floats[(sequence * heads + head) * rows + row])
            }
            target.buffer.floats[row * heads + head] = Float(total)
          }
        }
      })
    try finishGradient(target, of: slot)
  }
}
