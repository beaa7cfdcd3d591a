import COneDNN

/// The gradients of values: a part from each consumer, summed when they are asked for.
extension ProgramBuilder {
  /// Adds a consumer's part to the gradient of a value. The memory must not change afterwards.
  func contribute(_ form: Form, to value: Value) {
    if value.needsGradient { value.contributions.append(form) }
  }

  /// The gradient of a value, once all its consumers have contributed; nil where none did.
  func gradient(of value: Value) throws -> Form? {
    guard let first = value.contributions.first else { return nil }
    if value.contributions.count == 1 { return first }
    let total = makeForm(first.layout)
    let sources = value.contributions.map(\.layout.handle)
    let primitive = try Primitive("sum") { status in
      sources.withUnsafeBufferPointer { handles in
        handles.withMemoryRebound(to: OpaquePointer?.self) {
          onednn_sum(Int32(sources.count), $0.baseAddress, total.layout.handle, status)
        }
      }
    }
    emit(PrimitiveCommand(sum: primitive, of: value.contributions, into: total))
    value.contributions = [total]
    return total
  }

  /// The gradient of a value in a layout.
  func gradient(of value: Value, as layout: DataLayout) throws -> Form? {
    try gradient(of: value).map { try reorder($0, to: layout) }
  }

  /// Has backward work done on the gradient of a layer's output, in its plain layout, where it has one.
  func onGradient(of output: Value, _ work: @escaping (Buffer) throws -> Void) {
    onBackward { [self] in
      guard output.needsGradient,
        let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      try work(gradient.buffer)
    }
  }

  /// Contributes what a kernel writes, in the plain layout, to the gradient of an input that needs one.
  ///
  /// - Parameter sources: what the kernel reads.
  func contribute(
    to input: Value, reading sources: [Buffer],
    _ body: @escaping (UnsafeMutablePointer<Float>) -> Void
  ) {
    guard input.needsGradient else { return }
    let back = makeForm(input.plainLayout)
    emit(KernelCommand(touching: sources + [back.buffer]) { body(back.buffer.floats) })
    contribute(back, to: input)
  }
}
