import Foundation
import TestSupport
import Testing

/// The reference, which a script makes from the program's own tables. Skipped where there is no Python.
@Suite(
  "The reference", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
struct ReferencePageTests {
  @Test(
    "every command, option, key, type and column stands in docs/reference.md, as the program has it"
  )
  func stale() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [
      Tool.packageRoot.appendingPathComponent("Tools/reference.py").path, Tool.executable.path,
      "--check",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let said = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
  }
}
