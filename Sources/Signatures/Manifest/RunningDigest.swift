import CCodecs
import Support

/// The SHA-256 of bytes that come in parts, of which all but the last are whole blocks of 64 bytes.
/// Two such are taken side by side where the processor can do that.
struct RunningDigest: ~Copyable {
  private static let isFast = wsl_sha256_is_fast() != 0
  private static let blockByteCount = 64

  /// Where the processor cannot.
  private var portable: SHA256?
  private let state: UnsafeMutablePointer<UInt32>
  private var byteCount: UInt64 = 0
  /// What comes after the whole blocks.
  private var tail: [UInt8] = []

  /// The digest of no bytes.
  ///
  /// - Parameter portable: whether to do without special instructions.
  init(portable: Bool = false) {
    self.portable = portable || !RunningDigest.isFast ? SHA256() : nil
    state = .allocate(capacity: 8)
    let words: [UInt32] = [
      0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB,
      0x5BE0_CD19,
    ]
    state.initialize(from: words, count: 8)
  }

  deinit { state.deallocate() }

  /// Adds bytes: whole blocks, or the last ones.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard portable == nil else {
      portable?.update(bytes)
      return
    }
    let blocks = begin(bytes)
    guard blocks > 0 else { return }
    wsl_sha256_one(state, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), Int64(blocks))
  }

  /// Adds bytes to two digests.
  static func update(
    _ first: inout RunningDigest, _ bytes: UnsafeRawBufferPointer,
    _ second: inout RunningDigest, _ others: UnsafeRawBufferPointer
  ) {
    let shared = min(bytes.count, others.count) / blockByteCount * blockByteCount
    guard first.portable == nil, second.portable == nil, shared > 0 else {
      first.update(bytes)
      second.update(others)
      return
    }
    let heads = (UnsafeRawBufferPointer(rebasing: bytes[..<shared]), others[..<shared])
    let blocks = first.begin(heads.0)
    _ = second.begin(UnsafeRawBufferPointer(rebasing: heads.1))
    wsl_sha256_two(
      first.state, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), second.state,
      others.baseAddress?.assumingMemoryBound(to: UInt8.self), Int64(blocks))
    first.update(UnsafeRawBufferPointer(rebasing: bytes[shared...]))
    second.update(UnsafeRawBufferPointer(rebasing: others[shared...]))
  }

  /// Counts bytes, and keeps those after the last whole block.
  private mutating func begin(_ bytes: UnsafeRawBufferPointer) -> Int {
    precondition(tail.isEmpty || bytes.isEmpty, "the last bytes have come")
    let blocks = bytes.count / RunningDigest.blockByteCount
    byteCount += UInt64(bytes.count)
    tail += bytes[(blocks * RunningDigest.blockByteCount)...]
    return blocks
  }

  /// The digest as hexadecimal digits; nothing may come after it.
  mutating func finish() -> String {
    if let digest = portable?.finalize() { return digest.hexadecimal }
    // One bit, zeros, and the number of bits in the last eight bytes of a block.
    var last = tail + [0x80]
    while last.count % RunningDigest.blockByteCount != 56 { last.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) {
      last.append(UInt8(truncatingIfNeeded: (byteCount &* 8) >> UInt64(shift)))
    }
    wsl_sha256_one(state, last, Int64(last.count / RunningDigest.blockByteCount))
    return (0..<32).map { UInt8(truncatingIfNeeded: state[$0 / 4] >> UInt32(24 - 8 * ($0 % 4))) }
      .hexadecimal
  }
}
