/// What a browser asks for.
public struct Request: Sendable {
  /// The method, in capitals.
  public var method: String
  /// The path, decoded.
  public var path: String
  /// What stands behind the question mark.
  public var query: Query
  /// The host that the browser means, with the port where it says one; nil where it says none.
  public var host: String?
  /// The cookies.
  public var cookies: [String: String]

  /// Makes a request.
  ///
  /// - Parameters:
  ///   - target: the path and the question, as they stand in the request's first line.
  ///   - cookie: the header of cookies.
  public init(
    _ target: String, method: String = "GET", host: String? = nil, cookie: String? = nil
  ) {
    self.method = method
    self.host = host
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts.first ?? "").percentDecoded(isForm: false)
    query = Query(parsing: parts.count > 1 ? parts[1] : "")
    var cookies: [String: String] = [:]
    for part in (cookie ?? "").split(separator: ";") {
      let sides = part.split(separator: "=", maxSplits: 1)
      guard sides.count == 2 else { continue }
      let name = sides[0].drop { $0 == " " }
      cookies[String(name)] = String(sides[1])
    }
    self.cookies = cookies
  }

  /// The path and the question again, to come back to the same page.
  var address: String { query.address(path) }
}
