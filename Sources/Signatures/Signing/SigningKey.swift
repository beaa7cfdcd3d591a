import Foundation
import Support

/// A key of Ed25519, private or public: 32 bytes.
///
/// Files are those of OpenSSL (`openssl genpkey -algorithm ed25519 -out key.pem`, and
/// `openssl pkey -in key.pem -pubout -out key.pub`), or 32 bytes in base 64.
public struct SigningKey: Sendable {
  /// Which of the two.
  public enum Kind: Sendable {
    case `private`
    case `public`

    /// What comes before the key in OpenSSL's files: RFC 8410.
    fileprivate var prefix: [UInt8] {
      switch self {
      case .private:
        [
          0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04,
          0x20,
        ]
      case .public: [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
      }
    }

    fileprivate var label: String {
      switch self {
      case .private: "PRIVATE KEY"
      case .public: "PUBLIC KEY"
      }
    }
  }

  /// The key.
  let bytes: [UInt8]

  /// A public key in base 64, as results have it; nil of a private one, which is shown to nobody.
  public var publicText: String? { isPublic ? Data(bytes).base64EncodedString() : nil }
  private let isPublic: Bool

  /// Reads a key file.
  ///
  /// - Throws: `Diagnostic`: `noInput` where there is no such file, `badData` where it holds another
  ///   kind of key.
  public init(_ kind: Kind, contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Diagnostic(.noInput, "the key file cannot be read", at: [path])
    }
    do { try self.init(kind, parsing: String(decoding: data, as: UTF8.self)) } catch let error
      as Diagnostic
    {
      throw error.inside(path)
    }
  }

  /// Reads the text of a key file.
  public init(_ kind: Kind, parsing text: String) throws {
    let lines = text.split(whereSeparator: \.isNewline).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let isArmoured = lines.first?.hasPrefix("-----BEGIN") ?? false
    if isArmoured, lines.first != "-----BEGIN \(kind.label)-----" {
      throw SigningKey.wrong(kind)
    }
    let encoded = lines.filter { !$0.hasPrefix("-----") }.joined()
    guard let data = Data(base64Encoded: encoded) else { throw SigningKey.wrong(kind) }
    var bytes = Array(data)
    if isArmoured {
      guard bytes.starts(with: kind.prefix) else { throw SigningKey.wrong(kind) }
      bytes.removeFirst(kind.prefix.count)
    }
    guard bytes.count == 32 else { throw SigningKey.wrong(kind) }
    self.bytes = bytes
    isPublic = kind == .public
  }

  private static func wrong(_ kind: Kind) -> Diagnostic {
    Diagnostic(
      .badData, "this is no \(kind.label.lowercased()) of Ed25519",
      remedy: kind.label == "PRIVATE KEY"
        ? "make one: `openssl genpkey -algorithm ed25519 -out key.pem`"
        : "make it from the private one: `openssl pkey -in key.pem -pubout -out key.pub`")
  }
}
