/// What a browser gets.
public struct Response: Sendable {
  /// The status, such as 200.
  public var status: Int
  /// Headers beside those that every answer has.
  public var headers: [(name: String, value: String)]
  /// The contents.
  public var body: [UInt8]

  /// The headers of every answer. Nothing but what this server sends may be loaded or run, no other site
  /// may hold a page in a frame or read an answer, and no address, which may hold a token, goes elsewhere.
  static let always: [(name: String, value: String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
  ]

  /// Makes an answer of text.
  init(
    _ text: String, type: String, status: Int = 200, headers: [(name: String, value: String)] = []
  ) {
    self.status = status
    self.headers =
      Self.always + [("Content-Type", type + "; charset=utf-8")]
      + (headers.contains { $0.name == "Cache-Control" } ? [] : [("Cache-Control", "no-store")])
      + headers
    body = Array(text.utf8)
  }

  /// Sends the browser to another page of ours.
  static func redirect(to address: String, headers: [(name: String, value: String)] = [])
    -> Response
  {
    Response("", type: "text/plain", status: 303, headers: [("Location", address)] + headers)
  }

  /// A file to be kept, or to be looked at in the browser.
  static func file(_ text: String, type: String, name: String, isShown: Bool = false) -> Response {
    // Names come from the index, too: what a header has no place for is left out.
    let plain = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    return Response(
      text, type: type,
      headers: [
        ("Content-Disposition", "\(isShown ? "inline" : "attachment"); filename=\"\(plain)\"")
      ])
  }

  /// The value of a header; nil where there is none.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The contents as text.
  public var text: String { String(decoding: body, as: UTF8.self) }
}
