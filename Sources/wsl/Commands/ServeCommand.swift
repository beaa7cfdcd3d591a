import ArgumentParser
import Foundation
import Serving
import Support

/// `wsl serve`: the index as pages in a browser.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Show an index as pages in a browser: tables, models, comparisons, figures.",
    discussion: """
      Only reads. Answers to this machine alone; with --host of a network, whoever reads needs the \
      token that is printed. Ctrl-C ends it. Examples:
        wsl serve zoo.sqlite
        wsl serve zoo.sqlite --port 0
        wsl serve zoo.sqlite --host 0.0.0.0 --port 9000
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(help: "The port to listen at; 0 takes any that is free.")
  var port: UInt16 = 8080

  @Option(help: "The address to listen at; 0.0.0.0 takes all of this machine.")
  var host = "127.0.0.1"

  @OptionGroup var shown: OutputOptions

  func run() async throws {
    let isLocal = Access.isThisMachine(
      host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host)
    let token = isLocal ? nil : Access.newToken()
    let site = try Site(
      index: index, access: token.map(Access.token) ?? .thisMachine,
      readers: min(4, ProcessInfo.processInfo.activeProcessorCount))
    let server = try WebServer(site, host: host, port: port)
    Interruption.calls { Task { await server.stop() } }
    try await server.run { port in
      let result = ServeResult(index: index, host: host, port: port, token: token)
      if shown.json {
        do { try ResultPrinter.printJSON(result) } catch {
          Terminal.printError("error: \(error)")
        }
      } else {
        Terminal.print(result.text)
      }
      shown.note(
        token == nil
          ? "Ctrl-C ends it."
          : "Whoever has this address can read the index. Ctrl-C ends it.")
    }
  }
}

/// What `wsl serve` says when it listens.
struct ServeResult: Encodable {
  var index: String
  var url: String
  var host: String
  var port: Int
  @OrNull var token: String?

  init(index: String, host: String, port: UInt16, token: String?) {
    self.index = index
    self.host = host
    self.port = Int(port)
    self.token = token
    // An address that takes all of the machine is none that a browser can go to.
    let name =
      ["0.0.0.0", "::", "[::]"].contains(host) ? ProcessInfo.processInfo.hostName : host
    let place = name.contains(":") && !name.hasPrefix("[") ? "[\(name)]" : name
    url = "http://\(place):\(port)/" + (token.map { "?token=\($0)" } ?? "")
  }

  /// The result for a person.
  var text: String { "\(index.escapingControlCharacters): \(url)" }
}
