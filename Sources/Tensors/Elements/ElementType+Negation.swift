/// Negates every element in place, as PyTorch does: floating-point numbers change their sign bit, also
/// zeros and NaN; the least integer stays what it is; truth values stay, too.
///
/// - Parameter isBigEndian: whether the most significant byte of an element comes first.
/// - Complexity: O(bytes).
package func negateElements(
  _ bytes: UnsafeMutableRawBufferPointer, _ type: ElementType, isBigEndian: Bool
) {
  switch type {
  case .float64, .float32, .float16, .bfloat16, .float8E4M3, .float8E5M2:
    let size = type.byteCount
    var place = isBigEndian ? 0 : size - 1
    while place < bytes.count {
      bytes[place] ^= 0x80
      place += size
    }
  case .int64, .uint64: negate(bytes, as: UInt64.self, isBigEndian)
  case .int32, .uint32: negate(bytes, as: UInt32.self, isBigEndian)
  case .int16, .uint16: negate(bytes, as: UInt16.self, isBigEndian)
  case .int8, .uint8: negate(bytes, as: UInt8.self, isBigEndian)
  case .float8E4M3FNUZ, .float8E5M2FNUZ:
    // These have no negative zero: its bits are the one NaN.
    for place in bytes.indices where bytes[place] & 0x7F != 0 { bytes[place] ^= 0x80 }
  case .bool: break
  }
}

@inline(__always)
private func negate<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
  _ bytes: UnsafeMutableRawBufferPointer, as: Word.Type, _ isBigEndian: Bool
) {
  let size = MemoryLayout<Word>.size
  var place = 0
  while place + size <= bytes.count {
    let word = bytes.loadUnaligned(fromByteOffset: place, as: Word.self)
    let negated = 0 &- (isBigEndian ? word.byteSwapped : word)
    bytes.storeBytes(
      of: isBigEndian ? negated.byteSwapped : negated, toByteOffset: place, as: Word.self)
    place += size
  }
}
