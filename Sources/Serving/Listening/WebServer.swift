import FlyingFox
import FlyingSocks
import Foundation
import Support

/// Serves a site over HTTP, through FlyingFox.
public struct WebServer: Sendable {
  private let server: HTTPServer
  private let place: String

  /// Makes a server; it does not listen yet.
  ///
  /// - Parameters:
  ///   - host: an address of this machine: `127.0.0.1`, `::1`, `0.0.0.0`; or `localhost`.
  ///   - port: the port; 0 takes any that is free.
  /// - Throws: `Diagnostic` of code `usage` where the host is no address.
  public init(_ site: Site, host: String, port: UInt16) throws {
    let name =
      host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    place = "\(host):\(port)"
    let address: any SocketAddress
    do {
      address =
        name.contains(":")
        ? try sockaddr_in6.inet6(ip6: name, port: port)
        : try sockaddr_in.inet(ip4: name == "localhost" ? "127.0.0.1" : name, port: port)
    } catch {
      throw Diagnostic(
        .usage, "'\(host)' is no address of a network", remedy: "for example: 127.0.0.1, or 0.0.0.0"
      )
    }
    server = HTTPServer(
      config: .init(address: address, timeout: 60, logger: .disabled),
      handler: ClosureHTTPHandler { request in
        let answer = await site.respond(
          to: Request(
            request.target.rawValue, method: request.method.rawValue,
            host: request.headers[HTTPHeader("Host")], cookie: request.headers[HTTPHeader("Cookie")]
          ))
        return HTTPResponse(answer, isHead: request.method.rawValue == "HEAD")
      })
  }

  /// Listens and answers until it is stopped.
  ///
  /// - Parameter onListening: called once with the port.
  /// - Throws: `Diagnostic` of code `failed` where it cannot listen.
  public func run(onListening: @escaping @Sendable (UInt16) -> Void) async throws {
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        group.addTask {
          // FlyingFox's own wait goes on after the server has failed.
          while true {
            if let port = await server.listeningPort { return onListening(port) }
            try await Task.sleep(for: .milliseconds(5))
          }
        }
        // The first error ends the other task, too; `waitForAll` would wait for it.
        for try await _ in group {}
      }
    } catch SocketError.disconnected {
      // It was stopped.
    } catch SocketError.failed(_, let code, let message) {
      throw refusal(code, message)
    } catch is CancellationError {
      // It was stopped.
    }
  }

  /// Ends `run`; answers that are being sent have a second.
  public func stop() async { await server.stop(timeout: 1) }

  private func refusal(_ code: Int32, _ message: String) -> Diagnostic {
    switch code {
    case EADDRINUSE:
      Diagnostic(
        .failed, "another program listens there already", at: [place],
        remedy:
          "choose another port with \(setting: .port), or \(setting: .port) 0 for any that is free")
    case EACCES:
      Diagnostic(
        .failed, "only the administrator may listen there", at: [place],
        remedy: "choose a port from 1024 up with \(setting: .port)")
    case EADDRNOTAVAIL:
      Diagnostic(
        .failed, "this machine has no such address", at: [place],
        remedy: "\(setting: .host) takes an address of this machine, such as 127.0.0.1 or 0.0.0.0")
    default: Diagnostic(.failed, "cannot listen: \(message)", at: [place])
    }
  }
}

extension HTTPServer {
  /// The port that it listens at.
  fileprivate var listeningPort: UInt16? {
    switch listeningAddress {
    case .ip4(_, let port), .ip6(_, let port): port
    default: nil
    }
  }
}

extension HTTPResponse {
  fileprivate init(_ answer: Response, isHead: Bool) {
    var headers = HTTPHeaders()
    for (name, value) in answer.headers { headers.addValue(value, for: HTTPHeader(name)) }
    headers.addValue(String(answer.body.count), for: HTTPHeader("Content-Length"))
    self.init(
      statusCode: HTTPStatusCode(answer.status, phrase: Self.phrases[answer.status] ?? "Answer"),
      headers: headers, body: isHead ? Data() : Data(answer.body))
  }

  private static let phrases = [
    200: "OK", 303: "See Other", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error",
    503: "Service Unavailable",
  ]
}
