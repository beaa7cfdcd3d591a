@testable import Workbench
import Foundation
import GRDB
import Support
import Testing

@testable import ZooIndex

/// An index whose cells hold what no index has there: an answer or one error, and never the end of
/// the process.
@Suite("An index with numbers that cannot be true")
struct ForeignNumbersTests {
  private static let changes = [
    "UPDATE models SET bytes = \(Int64.max), parameters = \(Int64.max), size = \(Int64.max)",
    "UPDATE models SET bytes = \(Int64.min), size = -1, tensors = -1",
    "UPDATE models SET bytes = 1e300, parameters = 1e300, tensors = 9e999",
    "UPDATE models SET bytes = 'many', parameters = 'more', structure = x'00ff'",
    "UPDATE tensors SET position = 1e300, elements = \(Int64.max), bytes = \(Int64.max)",
    "UPDATE label_columns SET name = 'a\"b' || name, origins = x'00'",
  ]

  @Test("is asked, scanned and reported, or refused", arguments: changes)
  func survives(change: String) async throws {
    let folder = try IndexFolder()
    for seed in 1...3 { try folder.write("\(seed).h5", seed: UInt64(seed)) }
    try await folder.update()
    let metrics = try Metrics.named(["norms"])
    _ = try await ZooScanner(options: .init(metrics: metrics)).scan(
      ZooIndex.open(writing: folder.index))
    let queue = try DatabaseQueue(path: folder.index)
    try await queue.write { try $0.execute(sql: change + "; DELETE FROM measured") }
    try queue.close()
    var outcomes = 0
    func attempt(_ work: () async throws -> Void) async throws {
      do { try await work() } catch is Diagnostic {}
      outcomes += 1
    }
    try await attempt { _ = try ZooReport(ZooIndex.open(reading: folder.index)) }
    try await attempt {
      _ = try ZooIndex.open(reading: folder.index).ask(IndexQuery())
    }
    try await attempt {
      _ = try await ShardFile.scan(
        folder.index, place: ShardPlace(number: 0, of: 2), to: folder.root + "/shard.sqlite",
        options: .init(metrics: metrics), overwrites: false, progress: nil)
    }
    try await attempt {
      _ = try await ZooScanner(options: .init(metrics: metrics)).scan(
        ZooIndex.open(writing: folder.index))
    }
    #expect(outcomes == 4)
  }

  @Test("texts with quotes are found, and mean nothing else")
  func quotes() async throws {
    let folder = try IndexFolder()
    try folder.write("it's.h5", seed: 1)
    try folder.write("other.h5", seed: 2)
    try await folder.update()
    let index = try ZooIndex.open(reading: folder.index)
    var query = IndexQuery()
    (query.filter, query.limit, query.columns) = ("name = ?", 5, ["name"])
    query.arguments = [.text("it's")]
    #expect(try index.ask(query).rows == [[.text("it's")]])
    query.arguments = [.text("x' OR 1 OR name = 'y")]
    #expect(try index.ask(query).rows.isEmpty)
    query.arguments = []
    #expect(throws: Diagnostic.self) { try index.ask(query) }
  }
}
