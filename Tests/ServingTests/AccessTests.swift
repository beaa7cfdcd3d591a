import Testing

@testable import Serving

@Suite("Who may read")
struct AccessTests {
  @Test(
    "names of this machine",
    arguments: [
      ("127.0.0.1", true), ("127.0.0.1:8080", true), ("127.1.2.3:1", true), ("localhost", true),
      ("LOCALHOST:80", true), ("[::1]", true), ("[::1]:8080", true), ("evil.example", false),
      ("evil.example:8080", false), ("127.0.0.1.evil.example", false), ("localhost.evil", false),
      ("127.0.0.256", false), ("127.0.0", false), ("127.0.0.1:80:90", false),
      ("127.0.0.1@evil.example", false), ("[::1", false), ("[::1]evil", false), ("", false),
      ("0.0.0.0", false), ("192.168.1.2", false), ("127.0.0.+1", false),
    ])
  func hosts(_ host: String, _ expected: Bool) {
    #expect(Access.isThisMachine(host) == expected)
    let refusal = Access.thisMachine.refusal(of: Request("/", host: host))
    #expect((refusal == nil) == expected)
    if let refusal { #expect(refusal.status == 403) }
  }

  @Test func noHostIsRefused() {
    #expect(Access.thisMachine.refusal(of: Request("/"))?.status == 403)
  }

  @Test func aTokenOpensOnceAndACookieFromThenOn() throws {
    let token = Access.newToken()
    #expect(token.count == 64 && token != Access.newToken())
    let access = Access.token(token)
    #expect(access.refusal(of: Request("/", host: "any.example"))?.status == 401)
    for wrong in ["", "x", String(token.dropLast()), token + "0", String(token.reversed())] {
      #expect(access.refusal(of: Request("/?token=\(wrong)"))?.status == 401, "\(wrong)")
    }
    let opened = try #require(
      access.refusal(of: Request("/scatter?x=a%20b&token=\(token)&y=c", host: "h")))
    #expect(opened.status == 303 && opened.header("Location") == "/scatter?x=a%20b&y=c")
    let cookie = try #require(opened.header("Set-Cookie"))
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
    let pair = String(cookie.prefix { $0 != ";" })
    #expect(access.refusal(of: Request("/", cookie: pair)) == nil)
    #expect(access.refusal(of: Request("/", cookie: pair + "0"))?.status == 401)
    #expect(Access.token(Access.newToken()).refusal(of: Request("/", cookie: pair))?.status == 401)
  }

  @Test(
    "the browser is sent to pages of ours only",
    arguments: [
      ("/scatter", "/scatter"), ("//evil.example", "/"), ("https://evil.example", "/"),
      ("/\\evil.example", "/"), ("/a\r\nSet-Cookie: x", "/"), ("", "/"), ("evil", "/"),
      ("/\t/evil.example", "/"),
    ])
  func destinations(_ path: String, _ expected: String) async throws {
    #expect(Access.safePath(path) == expected)
    let answer = try await ServedZoo.shared().get("/theme", [("to", "dark"), ("back", path)])
    #expect(answer.status == 303 && answer.header("Location") == expected)
    #expect(answer.header("Set-Cookie")?.hasPrefix("theme=dark;") == true)
  }
}
