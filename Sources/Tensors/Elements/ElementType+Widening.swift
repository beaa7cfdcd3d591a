extension ElementType {
  /// Converts little-endian elements to Float32.
  ///
  /// Float64 and wide integers are rounded to nearest, ties to even; all else is exact. Truth values
  /// become 0 and 1.
  ///
  /// - Complexity: O(elements).
  package func floats(
    _ bytes: UnsafeRawBufferPointer, to values: UnsafeMutableBufferPointer<Float>
  ) { widen(bytes, to: values) }

  /// The same within this module.
  package func widen(_ bytes: UnsafeRawBufferPointer, to values: UnsafeMutableBufferPointer<Float>)
  {
    switch self {
    case .float32: UnsafeMutableRawBufferPointer(values).copyMemory(from: bytes)
    case .float64:
      convert(bytes, to: values) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    case .float16: convert(bytes, to: values, widenedHalf)
    case .bfloat16:
      convert(bytes, to: values) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .int64: convert(bytes, to: values) { (value: Int64) in Float(value) }
    case .int32: convert(bytes, to: values) { (value: Int32) in Float(value) }
    case .int16: convert(bytes, to: values) { (value: Int16) in Float(value) }
    case .int8: convert(bytes, to: values) { (value: Int8) in Float(value) }
    case .uint64: convert(bytes, to: values) { (value: UInt64) in Float(value) }
    case .uint32: convert(bytes, to: values) { (value: UInt32) in Float(value) }
    case .uint16: convert(bytes, to: values) { (value: UInt16) in Float(value) }
    case .uint8: convert(bytes, to: values) { (value: UInt8) in Float(value) }
    case .bool: convert(bytes, to: values) { (value: UInt8) in value == 0 ? 0 : 1 }
    case .float8E4M3, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ:
      widenSmall(bytes, to: values)
    }
  }
}

/// An IEEE half as a Float, by integer arithmetic that vectorises on processors without the
/// conversion: the exponent is re-biased by a multiplication, which also normalises subnormals.
@inline(__always)
package func widenedHalf(_ bits: UInt16) -> Float {
  let magnitude = UInt32(bits & 0x7FFF) << 13
  let sign = UInt32(bits & 0x8000) << 16
  let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
  // Infinities and NaN keep the largest exponent.
  let special = magnitude | 0x7F80_0000
  return Float(bitPattern: (magnitude >= 0x0F80_0000 ? special : scaled) | sign)
}

@inline(__always)
private func convert<Stored: FixedWidthInteger & BitwiseCopyable>(
  _ bytes: UnsafeRawBufferPointer, to values: UnsafeMutableBufferPointer<Float>,
  _ widen: (Stored) -> Float
) {
  let size = MemoryLayout<Stored>.size
  let count = min(values.count, bytes.count / size)
  for index in 0..<count {
    let stored = bytes.loadUnaligned(fromByteOffset: index * size, as: Stored.self)
    values[index] = widen(Stored(littleEndian: stored))
  }
}
