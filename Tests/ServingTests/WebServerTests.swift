import Foundation
import Support
import Synchronization
import Testing

@testable import Serving

@Suite("Over the network", .serialized)
struct WebServerTests {
  /// What a server says to some bytes; everything until it closes.
  private func talk(_ port: UInt16, _ text: String) throws -> String {
    let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(handle) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(connected == 0)
    let bytes = Array(text.utf8)
    #expect(send(handle, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while case let count = recv(handle, &piece, piece.count, 0), count > 0 {
      answer += piece.prefix(count)
    }
    return String(decoding: answer, as: UTF8.self)
  }

  private func serving<Result: Sendable>(
    _ work: @escaping @Sendable (UInt16) async throws -> Result
  ) async throws -> Result {
    let site = try await ServedZoo.shared().site()
    let server = try WebServer(site, host: "127.0.0.1", port: 0)
    let (ports, told) = AsyncStream<UInt16>.makeStream()
    let running = Task { try await server.run { told.yield($0) } }
    var port: UInt16?
    for await one in ports {
      port = one
      break
    }
    let result = try await work(try #require(port))
    await server.stop()
    try await running.value
    return result
  }

  @Test func answersAndEndsWell() async throws {
    try await serving { port in
      let host = "Host: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n"
      let page = try talk(port, "GET /?where=seed%20%3D%203 HTTP/1.1\r\n\(host)")
      #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n") && page.contains("1–1 of 1 that fit"))
      let head = try talk(port, "HEAD / HTTP/1.1\r\n\(host)")
      #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.hasSuffix("\r\n\r\n"))
      #expect(head.contains("Content-Security-Policy: default-src 'none';"))
      let length = head.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } ?? 0
      #expect(length > 1000)
      let foreign = try talk(
        port, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
      #expect(foreign.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
      let written = try talk(
        port,
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
      #expect(written.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"))
      #expect(try talk(port, "nonsense\r\n\r\n").isEmpty)
    }
  }

  @Test func whereAnotherListensIsSaid() async throws {
    try await serving { port in
      let second = try WebServer(
        try await ServedZoo.shared().site(), host: "127.0.0.1", port: port)
      let error = await #expect(throws: Diagnostic.self) { try await second.run { _ in } }
      #expect(error?.code == .failed && error?.description.contains("'port' 0") == true)
    }
  }

  @Test(arguments: ["nonsense", "1.2.3", "1.2.3.4.5", "[::1", "::gg"])
  func whatIsNoAddressIsRefused(_ host: String) async throws {
    let site = try await ServedZoo.shared().site()
    let error = #expect(throws: Diagnostic.self) { try WebServer(site, host: host, port: 0) }
    #expect(error?.code == .usage)
  }
}
