import Foundation
import Support

/// An Ed25519 signature of a signature's manifest, and the key that made it.
public struct SignatureSeal: Sendable, Hashable {
  /// The public key, 32 bytes.
  public var publicKey: [UInt8]
  /// The signature, 64 bytes.
  public var signature: [UInt8]

  /// The public key in base 64.
  public var keyText: String { Data(publicKey).base64EncodedString() }

  init(publicKey: [UInt8], signature: [UInt8]) {
    self.publicKey = publicKey
    self.signature = signature
  }

  /// Reads what `text` wrote.
  init(parsing text: String) throws {
    let parts = text.split(separator: " ")
    guard parts.count == 2, let key = Data(base64Encoded: String(parts[0])),
      let signature = Data(base64Encoded: String(parts[1])), key.count == 32, signature.count == 64
    else {
      throw Diagnostic(
        .badData, "its Ed25519 signature cannot be read",
        remedy: "the file is damaged: take another copy")
    }
    publicKey = Array(key)
    self.signature = Array(signature)
  }

  /// As it stands in a file: key and signature in base 64.
  var text: String { keyText + " " + Data(signature).base64EncodedString() }
}

extension Signature {
  /// The same signature, vouched for by the owner of a key.
  ///
  /// - Throws: `Diagnostic` of code `failed`.
  public func sealed(with key: SigningKey) throws -> Signature {
    guard let publicKey = Ed25519.publicKey(of: key.bytes),
      let signature = Ed25519.signature(of: Array(manifestBytes), privateKey: key.bytes)
    else { throw Diagnostic(.failed, "the key cannot sign") }
    var copy = self
    copy.seal = SignatureSeal(publicKey: publicKey, signature: signature)
    return copy
  }

  /// Whether the owner of a public key vouched for exactly this manifest and the codes that it names.
  /// False without any signature.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the codes are damaged.
  /// - Complexity: O(codes): their SHA-256 is computed.
  public func isSealed(by key: SigningKey) throws -> Bool {
    guard let seal,
      Ed25519.isValid(seal.signature, of: Array(manifestBytes), publicKey: key.bytes)
    else { return false }
    return try payload.digest().hexadecimal == manifest.payload
  }
}
