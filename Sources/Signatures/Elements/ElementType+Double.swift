import Tensors

extension ElementType {
  /// Whether signatures and patches are made of such elements: floating-point numbers of 16 bits or
  /// more. The steps between those of 8 bits are larger than what a signature adds.
  var isPatched: Bool { isFloatingPoint && !isSmallFloat }

  /// Little-endian elements as Float64, exactly; whole tensors of floating-point types.
  ///
  /// - Complexity: O(elements).
  func doubles(_ bytes: UnsafeRawBufferPointer, to values: UnsafeMutableBufferPointer<Double>) {
    // One call a type: each is compiled for it.
    switch self {
    case .float64: widened(StoredDouble.self, bytes, values)
    case .float16: widened(StoredHalf.self, bytes, values)
    case .bfloat16: widened(StoredBrainFloat.self, bytes, values)
    default: widened(StoredSingle.self, bytes, values)
    }
  }
}

@inline(__always)
private func widened<Stored: StoredFloat>(
  _: Stored.Type, _ bytes: UnsafeRawBufferPointer, _ values: UnsafeMutableBufferPointer<Double>
) {
  let size = MemoryLayout<Stored.Bits>.size
  for index in 0..<min(values.count, bytes.count / size) {
    let bits = bytes.loadUnaligned(fromByteOffset: index * size, as: Stored.Bits.self)
    values[index] = Stored.double(Stored.Bits(littleEndian: bits))
  }
}
