import Crypto
import Foundation
import WorkbenchCore

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
    do {
      let private25519 = try Curve25519.Signing.PrivateKey(rawRepresentation: key.bytes)
      let signature = try private25519.signature(for: Data(manifestBytes))
      var copy = self
      copy.seal = SignatureSeal(
        publicKey: Array(private25519.publicKey.rawRepresentation), signature: Array(signature))
      return copy
    } catch {
      throw Diagnostic(.failed, "the key cannot sign: \(error)")
    }
  }

  /// Whether the owner of a public key vouched for exactly this manifest, and with it for the codes,
  /// whose SHA-256 it has and which was checked on reading. False without any signature.
  public func isSealed(by key: SigningKey) -> Bool {
    guard let seal,
      let public25519 = try? Curve25519.Signing.PublicKey(rawRepresentation: key.bytes)
    else { return false }
    return public25519.isValidSignature(Data(seal.signature), for: Data(manifestBytes))
  }
}
