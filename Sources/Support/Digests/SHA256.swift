import COpenSSL

/// The SHA-256 (FIPS 180-4) of bytes that come in parts; one owner of a context of OpenSSL's
/// libcrypto, which uses the processor's SHA instructions.
///
///     var hash = SHA256()
///     hash.update(bytes)
///     let digest = hash.finalize()   // 32 bytes
public struct SHA256: ~Copyable, @unchecked Sendable {
  // Sendable: the context has one owner and belongs to no thread.
  private let context: OpaquePointer

  /// The version of OpenSSL that is there.
  public static var libraryVersion: String {
    String(cString: OpenSSL_version(OPENSSL_VERSION_STRING))
  }

  /// The number of bytes of a digest.
  public static let byteCount = 32

  /// The digest of no bytes.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    else { fatalError("libcrypto has no SHA-256") }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if !bytes.isEmpty { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }
  }

  /// Adds bytes.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The digest of all bytes. Begins anew after it.
  public mutating func finalize() -> [UInt8] {
    let digest = [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { buffer, count in
      EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
      count = SHA256.byteCount
    }
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
    return digest
  }

  /// The digest of some bytes.
  public static func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalize()
  }

  /// The digest of some bytes.
  public static func digest(of bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { digest(of: $0) }
  }

  /// The digest of a text's UTF-8.
  public static func digest(of text: String) -> [UInt8] { digest(of: Array(text.utf8)) }
}
