extension ElementType {
  /// Converts Float32 values to little-endian elements of this type, as `writeCopy` takes them.
  ///
  /// Floating-point types round to nearest, ties to even; integers round to nearest, ties to even,
  /// and are clamped to their range, with NaN becoming 0; truth values are whether it is not 0. What
  /// is too large for a floating-point type becomes infinite, or NaN where it has no infinities.
  ///
  /// - Complexity: O(elements).
  public func bytes(of values: [Float]) -> [UInt8] {
    switch self {
    case .float32: encoded(values, \.bitPattern)
    case .float64: encoded(values) { Double($0).bitPattern }
    case .float16: encoded(values, narrowedToHalf)
    case .bfloat16: encoded(values, narrowedToBrainFloat)
    case .int64: encoded(values) { clamped($0, Int64.self) }
    case .int32: encoded(values) { clamped($0, Int32.self) }
    case .int16: encoded(values) { clamped($0, Int16.self) }
    case .int8: encoded(values) { clamped($0, Int8.self) }
    case .uint64: encoded(values) { clamped($0, UInt64.self) }
    case .uint32: encoded(values) { clamped($0, UInt32.self) }
    case .uint16: encoded(values) { clamped($0, UInt16.self) }
    case .uint8: encoded(values) { clamped($0, UInt8.self) }
    case .bool: values.map { $0 == 0 ? 0 : 1 }
    case .float8E4M3, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ: values.map(narrowedSmall)
    }
  }
}

@inline(__always)
private func encoded<Stored: FixedWidthInteger & BitwiseCopyable>(
  _ values: [Float], _ narrow: (Float) -> Stored
) -> [UInt8] {
  let size = MemoryLayout<Stored>.size
  return [UInt8](unsafeUninitializedCapacity: values.count * size) { buffer, initialized in
    let bytes = UnsafeMutableRawBufferPointer(buffer)
    for index in values.indices {
      bytes.storeBytes(
        of: narrow(values[index]).littleEndian, toByteOffset: index * size, as: Stored.self)
    }
    initialized = values.count * size
  }
}

private func clamped<Stored: FixedWidthInteger>(_ value: Float, _: Stored.Type) -> Stored {
  if value.isNaN { return 0 }
  let rounded = Double(value).rounded(.toNearestOrEven)
  if rounded <= Double(Stored.min) { return .min }
  if rounded >= Double(Stored.max) { return .max }
  return Stored(rounded)
}

private func narrowedToBrainFloat(_ value: Float) -> UInt16 {
  let bits = value.bitPattern
  if value.isNaN { return UInt16(bits >> 16) | 0x0040 }
  return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
}

package func narrowedToHalf(_ value: Float) -> UInt16 {
  let bits = value.bitPattern
  let sign = UInt16(bits >> 16 & 0x8000)
  let magnitude = bits & 0x7FFF_FFFF
  if magnitude > 0x7F80_0000 { return sign | 0x7E00 | UInt16(magnitude >> 13 & 0x3FF) }
  // 65520 and more round to infinity.
  if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
  if magnitude < 0x3880_0000 {
    // A subnormal half is a multiple of 2^-24: adding 0.5 in Float rounds there, ties to even.
    let sum = Float(bitPattern: magnitude) + 0.5
    return sign | UInt16(sum.bitPattern - Float(0.5).bitPattern)
  }
  let rounded = magnitude + 0x0FFF + (magnitude >> 13 & 1)
  return sign | UInt16((rounded - 0x3800_0000) >> 13)
}
