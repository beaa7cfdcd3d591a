import Archives
import Foundation
import Support

/// SHA-256 in hexadecimal digits, as `sha256sum` prints it.
package enum FileHash {
  /// The hash of a file's bytes.
  ///
  /// - Throws: `Diagnostic` of code `noInput` where it cannot be read.
  package static func sha256(ofFile path: String) throws -> String {
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
      return unsafe data.withUnsafeBytes { unsafe SHA256.digest(of: $0) }.hexadecimal
    } catch {
      throw Diagnostic(.noInput, "the file cannot be read", at: [path])
    }
  }

  /// The hash of a model's file, also of one inside an archive.
  package static func sha256(ofModel path: String) async throws -> String {
    guard let place = MemberPath(path) else { return try sha256(ofFile: path) }
    return try await place.openArchive().sha256(of: place.member)
  }

  /// The hash of bytes.
  package static func sha256(of bytes: [UInt8]) -> String { SHA256.digest(of: bytes).hexadecimal }

  /// The hash of a text.
  package static func sha256(of text: String) -> String {
    SHA256.digest(of: text).hexadecimal
  }
}
