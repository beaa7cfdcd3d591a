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
}
