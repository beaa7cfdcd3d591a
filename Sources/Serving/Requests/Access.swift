import Support

/// Who may read the pages.
public enum Access: Sendable {
  /// Whoever is on this machine. The browser must name it by a name that is always this machine's: a site
  /// whose name was made to lead here (DNS rebinding) sends its own.
  case thisMachine
  /// Whoever has the token: in the address once, from then on in a cookie.
  case token(String)

  /// A new token: 256 random bits in hexadecimal digits.
  public static func newToken() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<4).map { _ in
      let digits = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// What a request gets that may not read; nil where it may.
  func refusal(of request: Request) -> Response? {
    switch self {
    case .thisMachine:
      if let host = request.host, Self.isThisMachine(host) { return nil }
      return Response(
        "This server answers to the names of this machine only: 127.0.0.1, localhost, [::1].\n",
        type: "text/plain", status: 403)
    case .token(let token):
      if let given = request.query["token"], Self.areEqual(given, token) {
        let address = request.query.without("token").address(Self.safePath(request.path))
        return .redirect(
          to: address,
          headers: [
            ("Set-Cookie", "\(Self.cookie(of: token))=\(token); Path=/; HttpOnly; SameSite=Lax")
          ])
      }
      if let kept = request.cookies[Self.cookie(of: token)], Self.areEqual(kept, token) {
        return nil
      }
      return Response(
        "A token is needed: open the address that `\(Wording.name(of: .serve))` has printed.\n",
        type: "text/plain",
        status: 401)
    }
  }

  /// The name of the cookie. Servers on several ports of a host share its cookies, so it is the token's
  /// own.
  static func cookie(of token: String) -> String {
    "wsl-" + SHA256.digest(of: token).hexadecimal.prefix(8)
  }

  /// Compares in a time that does not tell how much of the text is right.
  static func areEqual(_ given: String, _ expected: String) -> Bool {
    let (left, right) = (Array(given.utf8), Array(expected.utf8))
    var difference = left.count ^ right.count
    for place in right.indices {
      difference |= Int((left.isEmpty ? 0 : left[place % left.count]) ^ right[place])
    }
    return difference == 0
  }

  /// Whether a host, with or without a port, is always this machine.
  public static func isThisMachine(_ host: String) -> Bool {
    let name: Substring
    if host.hasPrefix("[") {
      guard let end = host.firstIndex(of: "]") else { return false }
      name = host[...end]
    } else {
      name = host.prefix { $0 != ":" }
    }
    let port = host[name.endIndex...]
    guard port.isEmpty || port.first == ":" && port.dropFirst().allSatisfy({ "0"..."9" ~= $0 })
    else { return false }
    if ["localhost", "[::1]"].contains(name.lowercased()) { return true }
    let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127"
      && numbers.allSatisfy { part in
        part.allSatisfy { "0"..."9" ~= $0 } && UInt8(part) != nil
      }
  }

  /// A path to send the browser to: two slashes at its beginning would be another host's name.
  static func safePath(_ path: String) -> String {
    let isOurs =
      path.hasPrefix("/") && !path.hasPrefix("//") && !path.contains("\\")
      && !path.unicodeScalars.contains { $0.value < 0x21 || $0.value > 0x7E }
    return isOurs ? path : "/"
  }
}
