import Crypto
import Foundation
import WeightFiles
import WorkbenchCore

/// SHA-256 in hexadecimal digits, as `sha256sum` prints it.
enum FileHash {
  /// The hash of a file's bytes.
  ///
  /// - Throws: `Diagnostic` of code `noInput` where it cannot be read.
  static func sha256(ofFile path: String) throws -> String {
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
      return hexadecimal(SHA256.hash(data: data))
    } catch {
      throw Diagnostic(.noInput, "the file cannot be read", at: [path])
    }
  }

  /// The hash of a model's file, also of one inside an archive.
  static func sha256(ofModel path: String) async throws -> String {
    guard let place = MemberPath(path) else { return try sha256(ofFile: path) }
    return try await place.openArchive().sha256(of: place.member)
  }

  /// The hash of bytes.
  static func sha256(of bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

  /// The hash of a text.
  static func sha256(of text: String) -> String {
    hexadecimal(SHA256.hash(data: Data(text.utf8)))
  }

  private static func hexadecimal(_ digest: SHA256Digest) -> String {
    digest.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }
}
