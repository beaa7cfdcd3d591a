import CXXHash
import Support

/// The XXH3 checksum, of 128 bits, of bytes that come in parts; one owner. Against accidents, not
/// against intent.
package struct RunningChecksum: ~Copyable {
  private let state: OpaquePointer

  /// The checksum of no bytes.
  ///
  /// - Throws: `Diagnostic` of code `failed` where there is no memory.
  package init() throws {
    guard let state = XXH3_createState() else {
      throw Diagnostic(.failed, "no memory for a checksum")
    }
    XXH3_128bits_reset(state)
    self.state = state
  }

  deinit { XXH3_freeState(state) }

  /// Adds bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if !bytes.isEmpty { XXH3_128bits_update(state, bytes.baseAddress, bytes.count) }
  }

  /// The checksum of all bytes so far, the high ones first.
  package var bytes: [UInt8] {
    let hash = XXH3_128bits_digest(state)
    return [hash.high64, hash.low64].bigEndianBytes
  }

  /// The same as `Checksum.xxh3` writes it.
  package var text: String { "\(Checksum.xxh3.rawValue):" + bytes.hexadecimal }
}
