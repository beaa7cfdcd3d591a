import Foundation
import Testing

/// A Python that has h5py: `WSL_PEER_PYTHON` names it. Tests that need it are skipped without.
enum Peer {
  static var python: String? { ProcessInfo.processInfo.environment["WSL_PEER_PYTHON"] }

  /// Runs a script of `Peers/`; returns what it prints.
  static func run(_ script: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: try #require(python))
    process.arguments = [Fixtures.folder + "../Peers/" + script] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let answer = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: answer, as: UTF8.self)
  }
}
