import CXXHash
import Crypto
import WorkbenchCore

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
      return "xxh3:" + Checksum.hex(hash.high64) + Checksum.hex(hash.low64)
    case .sha256:
      var hash = SHA256()
      hash.update(bufferPointer: bytes)
      let digest = hash.finalize()
      return "sha256:" + digest.map { Checksum.hex(UInt64($0), digits: 2) }.joined()
    }
  }

  private static func hex(_ value: UInt64, digits: Int = 16) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
  }
}

extension WeightFile {
  /// The checksum of a tensor. Its elements are read, and given up again.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the data are damaged.
  public func checksum(
    _ entry: TensorEntry, _ kind: Checksum = .xxh3, jobs: Int? = nil
  ) throws -> String {
    try readBytes(entry, jobs: jobs).withUnsafeBytes { kind.text(of: $0) }
  }
}
