/// Reverses the bytes of every element, in place.
///
/// - Complexity: O(bytes).
package func reverseElementBytes(_ bytes: UnsafeMutableRawBufferPointer, elementByteCount: Int) {
  switch elementByteCount {
  case 2: reverse(bytes, as: UInt16.self)
  case 4: reverse(bytes, as: UInt32.self)
  case 8: reverse(bytes, as: UInt64.self)
  default: break
  }
}

@inline(__always)
private func reverse<Word: FixedWidthInteger & BitwiseCopyable>(
  _ bytes: UnsafeMutableRawBufferPointer, as: Word.Type
) {
  let size = MemoryLayout<Word>.size
  var offset = 0
  while offset + size <= bytes.count {
    let word = bytes.loadUnaligned(fromByteOffset: offset, as: Word.self)
    bytes.storeBytes(of: word.byteSwapped, toByteOffset: offset, as: Word.self)
    offset += size
  }
}
