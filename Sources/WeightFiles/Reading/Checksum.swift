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
  var bigEndianBytes: [UInt8] {
    flatMap { number in Swift.withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) } }
  }
}

extension WeightFile {
  /// The checksum of a tensor. Its elements are read piece by piece, and given up again.
  ///
  /// - Parameter budget: how many bytes may be held; nil for a usual size, which what can only be read
  ///   as a whole exceeds.
  /// - Throws: `Diagnostic`: `badData` where the data are damaged; `failed` where the tensor can only be
  ///   read with more memory, before that is taken.
  public func checksum(
    _ entry: TensorEntry, _ kind: Checksum = .xxh3, jobs: Int? = nil,
    budget: Int? = nil
  ) throws -> String {
    switch kind {
    case .xxh3:
      var running = try RunningChecksum()
      try forEachPiece(of: entry, jobs: jobs, budget: budget) { running.update($0) }
      return running.text
    case .sha256:
      var running = SHA256()
      try forEachPiece(of: entry, jobs: jobs, budget: budget) { running.update($0) }
      return kind.rawValue + ":" + running.finalize().hexadecimal
    }
  }
}
