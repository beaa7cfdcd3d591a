import COpenSSL

/// Signing and checking with Ed25519 (RFC 8032), by OpenSSL's libcrypto. Keys and signatures are
/// raw bytes: 32 of a key, 64 of a signature.
public enum Ed25519 {
  /// The number of bytes of a private or a public key.
  public static let keyByteCount = 32
  /// The number of bytes of a signature.
  public static let signatureByteCount = 64

  /// A new private key, from the system's random numbers.
  public static func makePrivateKey() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<keyByteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// The public key of a private key; nil where it is none.
  public static func publicKey(of privateKey: [UInt8]) -> [UInt8]? {
    guard let key = Key(privateKey: privateKey) else { return nil }
    var count = keyByteCount
    var bytes = [UInt8](repeating: 0, count: keyByteCount)
    guard EVP_PKEY_get_raw_public_key(key.handle, &bytes, &count) == 1, count == keyByteCount
    else { return nil }
    return bytes
  }

  /// The signature of a message; nil where the key is none.
  public static func signature(of message: [UInt8], privateKey: [UInt8]) -> [UInt8]? {
    guard let key = Key(privateKey: privateKey), let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    var count = signatureByteCount
    var bytes = [UInt8](repeating: 0, count: signatureByteCount)
    guard EVP_DigestSignInit(context, nil, nil, nil, key.handle) == 1,
      EVP_DigestSign(context, &bytes, &count, message, message.count) == 1,
      count == signatureByteCount
    else { return nil }
    return bytes
  }

  /// Whether the owner of a public key signed exactly this message.
  public static func isValid(
    _ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]
  ) -> Bool {
    guard signature.count == signatureByteCount, let key = Key(publicKey: publicKey),
      let context = EVP_MD_CTX_new()
    else { return false }
    defer { EVP_MD_CTX_free(context) }
    return EVP_DigestVerifyInit(context, nil, nil, nil, key.handle) == 1
      && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }

  /// One owner of a key of libcrypto.
  private struct Key: ~Copyable {
    let handle: OpaquePointer

    init?(privateKey: [UInt8]) {
      guard privateKey.count == keyByteCount,
        let handle = EVP_PKEY_new_raw_private_key(
          EVP_PKEY_ED25519, nil, privateKey, privateKey.count)
      else { return nil }
      self.handle = handle
    }

    init?(publicKey: [UInt8]) {
      guard publicKey.count == keyByteCount,
        let handle = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
      else { return nil }
      self.handle = handle
    }

    deinit { EVP_PKEY_free(handle) }
  }
}
