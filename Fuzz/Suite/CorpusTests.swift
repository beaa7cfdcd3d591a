import Foundation
import Testing

/// The inputs that the fuzzers start from, and those that they found once, in the normal suite.
@Suite("The corpora of the fuzzers", .serialized) struct CorpusTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "corpus")

  private static func inputs(of target: FuzzTarget) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
      at: folder.appending(path: target.rawValue), includingPropertiesForKeys: nil
    ).sorted { $0.path < $1.path }
  }

  @Test(
    "every input ends, in bounded memory", .timeLimit(.minutes(1)), arguments: FuzzTarget.allCases)
  func runs(target: FuzzTarget) throws {
    let inputs = try Self.inputs(of: target)
    #expect(inputs.count >= 3, "a corpus needs inputs")
    var accepted = 0
    for input in inputs {
      let bytes = Array(try Data(contentsOf: input))
      let before = try Memory.resident()
      try Memory.forgetPeak()
      try target.run(bytes)
      let taken = try Memory.peak() - before
      #expect(taken <= target.allocationLimit(of: bytes.count), "\(input.lastPathComponent)")
      if (try? target.parse(bytes)) != nil { accepted += 1 }
    }
    // Seeds that are all refused at the first byte would test nothing.
    #expect(accepted > 0, "no input of this corpus is sound")
  }
}

/// The memory of this process, in bytes.
private enum Memory {
  static func resident() throws -> Int { try field("VmRSS:") }
  static func peak() throws -> Int { try field("VmHWM:") }

  /// Lets the peak begin again at what is resident now (proc(5), clear_refs).
  static func forgetPeak() throws {
    try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
  }

  private static func field(_ name: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(name) })
    return try #require(line.split(separator: " ").compactMap { Int($0) }.first) * 1024
  }
}
