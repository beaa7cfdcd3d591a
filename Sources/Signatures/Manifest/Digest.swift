import Catalogs
import Foundation
import Support
import WeightFiles

/// SHA-256 as hexadecimal digits.
enum Digest {
  /// The digest of bytes.
  static func of(_ bytes: some Sequence<UInt8>) -> String {
    SHA256.digest(of: Array(bytes)).hexadecimal
  }

  /// The digest of a file's bytes, as `sha256sum` tells it; of all its parts one after the other, where
  /// a model has several.
  static func of(_ file: WeightFile) throws -> String {
    var hash = SHA256()
    for path in file.catalog.parts {
      guard let handle = FileHandle(forReadingAtPath: path) else {
        throw Diagnostic(.noInput, "cannot be read", at: [path])
      }
      defer { try? handle.close() }
      while let part = try? handle.read(upToCount: 4 << 20), !part.isEmpty {
        part.withUnsafeBytes { hash.update($0) }
      }
    }
    return hash.finalize().hexadecimal
  }

  /// Whether a text is such a digest.
  static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
