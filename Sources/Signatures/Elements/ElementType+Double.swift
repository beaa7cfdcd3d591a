import WeightFiles

extension ElementType {
  /// Calls `body` with the type of the stored numbers.
  ///
  /// Only for floating-point types.
  func withStoredFloat<Result>(_ body: (any StoredFloat.Type) throws -> Result) rethrows -> Result {
    switch self {
    case .float64: try body(StoredDouble.self)
    case .float16: try body(StoredHalf.self)
    case .bfloat16: try body(StoredBrainFloat.self)
    default: try body(StoredSingle.self)
    }
  }

  /// Little-endian elements as Float64, exactly; whole tensors of floating-point types.
  ///
  /// - Complexity: O(elements).
  func doubles(_ bytes: UnsafeRawBufferPointer, to values: UnsafeMutableBufferPointer<Double>) {
    withStoredFloat { widen($0, bytes, values) }
  }
}

private func widen<Stored: StoredFloat>(
  _: Stored.Type, _ bytes: UnsafeRawBufferPointer, _ values: UnsafeMutableBufferPointer<Double>
) {
  let size = MemoryLayout<Stored.Bits>.size
  for index in 0..<min(values.count, bytes.count / size) {
    let bits = bytes.loadUnaligned(fromByteOffset: index * size, as: Stored.Bits.self)
    values[index] = Stored.double(Stored.Bits(littleEndian: bits))
  }
}
