import Foundation
import Subprocess
import Support
import Testing

@testable import Archives
@testable import Catalogs
@testable import Formats
@testable import WeightFiles

/// A worker that stays: the copies of it that read files come to the same as workers of their own,
/// and whatever becomes of one, the next is served.
@Suite struct CatalogServerTests {
  private static let limits = WorkerLimits(
    addressSpace: 1 << 30, processorSeconds: 20, wallSeconds: 30)

  /// The outcome of a request about a file, and what was answered.
  private func ask(
    _ server: CatalogServer, about path: String, limits: WorkerLimits = Self.limits
  ) async throws -> (outcome: CatalogServer.Outcome, answer: [UInt8]) {
    let file = try OpenFile(reading: path)
    let answer = try ScratchFile.make("catalogue")
    let arguments = [
      "catalog", String(limits.addressSpace), String(limits.processorSeconds), "0",
      String(file.byteCount),
    ]
    let outcome = await server.run(
      arguments, input: file.descriptor, output: answer.descriptor, limits: limits,
      group: ProcessGroup())
    var bytes = [UInt8](repeating: 0, count: Int(lseek(answer.descriptor, 0, SEEK_END)))
    try bytes.withUnsafeMutableBytes { try answer.read(into: $0, at: 0) }
    return (outcome, bytes)
  }

  private func code(_ outcome: CatalogServer.Outcome) -> TerminationStatus? {
    if case .ended(let status) = outcome { status } else { nil }
  }

  @Test func servesAgainAndAgainWhateverBecameOfTheLastOne() async throws {
    let server = try CatalogServer(executable: try CatalogWorker.findExecutable())
    let path = Fixtures.path("small.h5")
    let first = try await ask(server, about: path)
    #expect(code(first.outcome) == .exited(0) && first.answer.count > 100)
    // A file that is none: a failure is answered.
    let source = try await ask(server, about: #filePath)
    #expect(code(source.outcome) == .exited(0) && source.answer != first.answer)
    // More than a copy may have: it ends somehow, and only it.
    var narrow = Self.limits
    narrow.addressSpace = 1 << 20
    let starved = try await ask(server, about: path, limits: narrow)
    #expect(starved.answer != first.answer)
    // What this one may write, it may have written before it was told; the next one is not bound.
    var short = Self.limits
    short.answerByteCount = 16
    _ = try await ask(server, about: path, limits: short)
    let again = try await ask(server, about: path)
    #expect(code(again.outcome) == .exited(0) && again.answer == first.answer)
  }

  @Test(
    arguments: [
      ("exit 7", true), ("exec cat /dev/zero", false), ("sleep 600", false),
      ("trap '' TERM INT HUP\nwhile :; do sleep 1; done", false),
    ])
  func whatIsNoServerIsNoticed(script: String, breaks: Bool) async throws {
    try await Fixtures.withFolder { folder in
      try Fixtures.write("#!/bin/sh\n\(script)\n".utf8, to: folder + "server.sh")
      #expect(chmod(folder + "server.sh", 0o755) == 0)
      let server = try CatalogServer(executable: folder + "server.sh")
      var limits = Self.limits
      limits.wallSeconds = 1
      let outcome = try await ask(server, about: Fixtures.path("small.h5"), limits: limits).outcome
      switch outcome {
      case .broken: #expect(breaks)
      case .tookTooLong: #expect(!breaks)
      case .ended(let status): Issue.record("it ended with \(status)")
      }
    }
  }

  @Test func manyFilesAtOnceAreReadAsOneByOne() async throws {
    let path = Fixtures.path("small.h5")
    let expected = try await WeightFile.open(path).catalog
    let found = try await withThrowingTaskGroup(of: Catalog.self) { group in
      for _ in 0..<24 { group.addTask { try await WeightFile.open(path).catalog } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(found.count == 24)
    for catalog in found {
      #expect(catalog.tensors == expected.tensors && catalog.attributes == expected.attributes)
    }
  }
}
