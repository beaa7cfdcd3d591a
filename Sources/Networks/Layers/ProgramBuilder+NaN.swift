import CKernels
import COneDNN

/// What puts NaN back where an operation of oneDNN has lost it. Where there is none, which is nearly
/// always, this is one pass over the operation's input.
extension ProgramBuilder {
  /// After a function of each element.
  func emitNaN(of source: Form, into result: Form) {
    let count = source.layout.byteCount / MemoryLayout<Float>.stride
    emit(
      KernelCommand(touching: [source.buffer, result.buffer]) {
        let (from, to) = (source.buffer.floats, result.buffer.floats)
        guard wsl_has_nan(from, Int64(count)) != 0 else { return }
        for element in 0..<count where from[element].isNaN { to[element] = .nan }
      })
  }

  /// After a softmax over the channels, in plain memory: one of them that is NaN makes all so.
  func emitNaN(alongChannelsOf value: Value, from source: Form, into result: Form) {
    let axis = value.channelAxis
    let inner = value.shape[(axis + 1)...].reduce(1, *)
    let channels = value.channelCount
    let outer = value.batch * value.shape[..<axis].reduce(1, *)
    emit(
      KernelCommand(touching: [source.buffer, result.buffer]) {
        let (from, to) = (source.buffer.floats, result.buffer.floats)
        guard wsl_has_nan(from, Int64(outer * channels * inner)) != 0 else { return }
        for row in 0..<(outer * inner) {
          let first = row / inner * channels * inner + row % inner
          let places = stride(from: first, to: first + channels * inner, by: inner)
          guard places.contains(where: { from[$0].isNaN }) else { continue }
          for place in places { to[place] = .nan }
        }
      })
  }

  /// After the maximum over windows: one that has a NaN is NaN. Which they are, the maximum of marks
  /// in the same windows tells.
  func emitNaN(ofWindows geometry: WindowGeometry, from source: Form, into result: Form) {
    let count = source.layout.byteCount / MemoryLayout<Float>.stride
    let resultCount = result.layout.byteCount / MemoryLayout<Float>.stride
    emit(
      KernelCommand(touching: [source.buffer, result.buffer]) {
        guard wsl_has_nan(source.buffer.floats, Int64(count)) != 0 else { return }
        let pooling = try Primitive("pooling layer") { status in
          withUnsafePointer(to: geometry.window) {
            onednn_pooling_forward(
              false, ONEDNN_MAXIMUM, source.layout.handle, result.layout.handle, $0, status)
          }
        }
        let memory = AlignedMemory(byteCount: source.layout.byteCount)
        let pooled = AlignedMemory(byteCount: result.layout.byteCount)
        let marks = memory.base.assumingMemoryBound(to: Float.self)
        wsl_mark_nan(source.buffer.floats, marks, Int64(count))
        try pooling.run(from: memory, source.layout, into: pooled, result.layout)
        wsl_put_nan(
          result.buffer.floats, pooled.base.assumingMemoryBound(to: Float.self),
          Int64(resultCount))
      })
  }
}

extension Primitive {
  /// Runs an operation of one input and one output once, in memory of its own.
  fileprivate func run(
    from input: AlignedMemory, _ inputLayout: DataLayout, into output: AlignedMemory,
    _ outputLayout: DataLayout
  ) throws {
    let forms = [(input, inputLayout), (output, outputLayout)].map { memory, layout in
      let buffer = Buffer(byteCount: memory.byteCount)
      buffer.place(at: memory.base)
      return Form(layout: layout, buffer: buffer)
    }
    let command = PrimitiveCommand(
      self, [(ONEDNN_SOURCE, forms[0]), (ONEDNN_DESTINATION, forms[1])])
    let scratch = Buffer(byteCount: max(64, command.scratchByteCount))
    let scratchMemory = AlignedMemory(byteCount: scratch.byteCount)
    scratch.place(at: scratchMemory.base)
    try command.prepare(scratch: scratch)
    try withExtendedLifetime([input, output, scratchMemory]) { try command.run(on: Stream()) }
  }
}
