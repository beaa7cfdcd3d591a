import COneDNN
import ModelGraph
import Support

extension ProgramBuilder {
  /// The steps of one input of attention: as they came, in the order of windows, turned by their
  /// positions.
  private struct Steps {
    var buffer: Buffer
    var gather: RunGather?
    var rotary: RotaryTable?
    var heads: Int
    var count: Int
    var shape: [Int]
  }

  /// Attention between three inputs.
  func compileAttention(_ attention: Attention, _ layer: Layer, at index: Int) throws {
    let inputs = try inputs(of: layer)
    guard inputs.count == 3 else {
      throw Diagnostic(.badData, "attention reads queries, keys and values")
    }
    let windows = try attention.windows.map { windows in
      let shape = inputs[0].shape
      guard shape.count == 3, inputs.allSatisfy({ $0.shape.prefix(2) == shape.prefix(2) }) else {
        throw Diagnostic(
          .badData, "attention in windows reads height × width × channels, not \(shape)")
      }
      return try WindowOrder(windows, height: shape[0], width: shape[1])
    }
    let shapes = inputs.map { input in
      windows.map { [$0.windowSize, input.shape[2]] } ?? input.shape
    }
    let sizes = try AttentionSizes(
      attention, queries: shapes[0], keys: shapes[1], values: shapes[2])
    let sequences = batch * (windows?.windowCount ?? 1)
    let kernel = AttentionKernel(
      attention: attention, sizes: sizes, bias: try AttentionBias(attention, sizes),
      windowMasks: windows?.masks ?? [], sequences: sequences,
      threads: max(1, min(Int(onednn_thread_count()), sequences * sizes.sharedHeads)))
    let masks = try attentionMasks(inputs, isWindowed: windows != nil)
    let heads = [sizes.heads, sizes.sharedHeads, sizes.sharedHeads]
    let steps = try inputs.indices.map { place in
      let rotary = place < 2 ? attention.rotary : nil
      return try self.steps(
        of: inputs[place], windows, heads: heads[place],
        rotary: rotary.map {
          try RotaryTable($0, width: sizes.width, steps: shapes[place][0])
        }, sequences: sequences, shape: shapes[place])
    }
    let bias = try emitBias(kernel, layer)

    let shape = Array(inputs[0].shape.dropLast()) + [sizes.resultRow]
    let output = try makeValue(layer.name, shape: shape, channelAxis: shape.count - 1)
    output.needsGradient = needsGradient(layer, inputs)
    output.mask = inputs[0].mask
    let gather = windows?.gather(channels: sizes.resultRow)
    let target = output.forms[0].buffer
    let result = gather == nil ? target : Buffer(byteCount: target.byteCount)
    let work = floats(kernel.workCount)
    let buffers = steps.map(\.buffer)
    let touched =
      buffers + [result, work] + [bias?.numbers, masks.keys, masks.queries].compactMap { $0 }
    emit(
      KernelCommand(touching: touched) {
        try kernel.run(
          AttentionKernel.Memory(
            queries: buffers[0].floats, keys: buffers[1].floats, values: buffers[2].floats,
            bias: bias?.numbers.floats, keyMask: masks.keys?.floats,
            queryMask: masks.queries?.floats, result: result.floats, work: work.floats))
      })
    if let gather { emitPut(gather, from: result, into: target) }
    define(output, for: index)

    onBackward { [self] in
      guard output.needsGradient, let whole = try gradient(of: output, as: output.plainLayout)
      else { return }
      let gradient =
        gather.map { take(whole.buffer, $0, count: sequences * sizes.querySteps * sizes.resultRow) }
        ?? whole.buffer
      let parts = steps.map { floats($0.count) }
      let work = floats(kernel.workCount)
      let sums = bias?.slot.map { _ in
        floats(sequences * sizes.heads * (kernel.bias?.rowCount ?? 0))
      }
      emit(
        KernelCommand(
          touching: buffers + parts + [gradient, work]
            + [bias?.numbers, masks.keys, masks.queries, sums].compactMap { $0 }
        ) {
          try kernel.runBackward(
            AttentionKernel.Memory(
              queries: buffers[0].floats, keys: buffers[1].floats, values: buffers[2].floats,
              bias: bias?.numbers.floats, keyMask: masks.keys?.floats,
              queryMask: masks.queries?.floats, result: gradient.floats, work: work.floats),
            into: AttentionKernel.Gradients(
              queries: parts[0].floats, keys: parts[1].floats, values: parts[2].floats,
              bias: sums?.floats))
        })
      for (input, (step, part)) in zip(inputs, zip(steps, parts)) where input.needsGradient {
        contribute(try returned(part, step, to: input, sequences: sequences), to: input)
      }
      if options.isTraining, let slot = bias?.slot, let sums {
        try emitBiasGradient(kernel, slot, sums)
      }
    }
  }

  /// Memory for so many floats.
  func floats(_ count: Int) -> Buffer {
    Buffer(byteCount: max(1, count) * MemoryLayout<Float>.stride)
  }

  // MARK: Steps

  private func steps(
    of input: Value, _ windows: WindowOrder?, heads: Int, rotary: RotaryTable?, sequences: Int,
    shape: [Int]
  ) throws -> Steps {
    let count = batch * input.elementCount
    var result = Steps(
      buffer: try plain(input).buffer, gather: windows?.gather(channels: shape[1]),
      rotary: rotary, heads: heads, count: count, shape: shape)
    if let gather = result.gather { result.buffer = take(result.buffer, gather, count: count) }
    if let rotary {
      let (source, target) = (result.buffer, floats(count))
      emit(
        KernelCommand(touching: [source, target]) {
          rotary.turn(
            source.floats, into: target.floats, sequences: sequences, heads: heads, isBack: false)
        })
      result.buffer = target
    }
    return result
  }

  /// The gradient of an input, from that of its steps.
  private func returned(
    _ part: Buffer, _ steps: Steps, to input: Value, sequences: Int
  ) throws -> Form {
    var part = part
    if let rotary = steps.rotary {
      let (source, target) = (part, floats(steps.count))
      emit(
        KernelCommand(touching: [source, target]) {
          rotary.turn(
            source.floats, into: target.floats, sequences: sequences, heads: steps.heads,
            isBack: true)
        })
      part = target
    }
    let form = makeForm(input.plainLayout)
    guard let gather = steps.gather else {
      return Form(layout: input.plainLayout, buffer: part)
    }
    emitPut(gather, from: part, into: form.buffer)
    return form
  }

  private func take(_ source: Buffer, _ gather: RunGather, count: Int) -> Buffer {
    let target = floats(count)
    let batch = batch
    emit(
      KernelCommand(touching: [source, target]) {
        gather.take(source.floats, into: target.floats, examples: batch)
      })
    return target
  }

  private func emitPut(_ gather: RunGather, from source: Buffer, into target: Buffer) {
    let batch = batch
    emit(
      KernelCommand(touching: [source, target]) {
        gather.put(source.floats, into: target.floats, examples: batch)
      })
  }
}
