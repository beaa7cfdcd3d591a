import Catalogs
import CXXHash
import Support

/// A checksum of a tensor's elements, decoded and little-endian: it does not depend on the file's
/// layout, filters or byte order.
public enum Checksum: String, Sendable, CaseIterable {
  /// XXH3 of 128 bits: as fast as memory, against accidents.
  case xxh3
  /// SHA-256, against intent.
  case sha256

  /// The checksum of some bytes, in hexadecimal digits after its name.
  public func text(of bytes: UnsafeRawBufferPointer) -> String {
    switch self {
    case .xxh3:
      let hash = XXH3_128bits(bytes.baseAddress, bytes.count)
      return "xxh3:" + [hash.high64, hash.low64].bigEndianBytes.hexadecimal
    case .sha256:
      return "sha256:" + SHA256.digest(of: bytes).hexadecimal
    }
  }
}

extension [UInt64] {
  /// The bytes of the numbers, the high ones first.
  package var bigEndianBytes: [UInt8] {
    flatMap { number in Swift.withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) } }
  }
}
