package import Foundation
import Synchronization
package import WorkbenchCore

/// Runs the built `wsl` as a user would.
package enum Tool {
  package struct Outcome {
    package var code: Int32
    package var output: String
    package var errors: String

    /// The one JSON document on standard output.
    package func json() throws -> JSONValue { try JSONValue(parsing: output.utf8) }
  }

  /// The built executable, beside the test bundle.
  package static let executable: URL = {
    let folders = [Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0])]
      .flatMap { [$0, $0.deletingLastPathComponent()] }
    let candidates = folders.map { $0.appendingPathComponent("wsl") }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) }
      ?? packageRoot.appendingPathComponent(".build/release/wsl")
  }()

  /// The root of the package.
  package static let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Models that others trained, where this checkout has them beside it.
  package static let sharedModels = packageRoot.appendingPathComponent("../shared/models")
    .standardized

  package static var hasSharedModels: Bool {
    FileManager.default.fileExists(atPath: sharedModels.path)
  }

  package static func run(_ arguments: String..., in folder: URL? = nil) throws -> Outcome {
    try run(arguments, in: folder)
  }

  package static func run(_ arguments: [String], in folder: URL? = nil) throws -> Outcome {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Through files, so that no pipe can fill up while nobody reads it.
    let streams = try Scratch()
    let (output, errors) = (streams.path("out"), streams.path("err"))
    for path in [output, errors] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8))
  }
}

/// A folder of its own, removed at the end: of its test, or, where a suite keeps it, of the process.
package final class Scratch: Sendable {
  package let url: URL

  private static let folders = Mutex<Set<URL>>([])
  private static let removesAtExit: Void = {
    atexit {
      for url in Scratch.folders.withLock({ $0 }) { try? FileManager.default.removeItem(at: url) }
    }
  }()

  package init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("wsl-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    Self.removesAtExit
    Self.folders.withLock { _ = $0.insert(url) }
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
    Self.folders.withLock { _ = $0.remove(url) }
  }

  package func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// The names in the folder, hidden ones too.
  package var contents: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
  }
}
