import Foundation
import GRDB
import Support
import Testing

@testable import ZooIndex

/// Shards that another program wrote, or damaged: each is one error, and never the end of the process.
@Suite("Shards that are not what they say")
struct ShardRefusalTests {
  private static let changes: [(name: String, sql: String)] = [
    ("a negative count", "UPDATE shard SET count = -1"),
    ("a part beyond the last", "UPDATE shard SET number = count"),
    ("a count of text", "UPDATE shard SET count = 'many'"),
    (
      "a table without its columns",
      "DROP TABLE shard; CREATE TABLE shard(x); INSERT INTO shard VALUES(1)"
    ),
    (
      "cells without values",
      """
      DROP TABLE models; CREATE TABLE models(id, file, modified, bytes);
      INSERT INTO models VALUES(NULL, NULL, NULL, NULL)
      """
    ),
    (
      "a view without an end",
      """
      DROP TABLE shard; CREATE VIEW shard AS WITH RECURSIVE c(x) AS
      (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) AS identity FROM c
      """
    ),
    ("a column that is a statement", "UPDATE metrics SET columns = 'x\" FROM models; --'"),
  ]

  @Test("each is one error about the file", arguments: changes.map(\.name))
  func refused(name: String) async throws {
    let folder = try IndexFolder()
    try folder.write("a.h5", seed: 1)
    try await folder.update()
    let shard = folder.root + "/shard.sqlite"
    _ = try await ShardFile.scan(
      folder.index, place: ShardPlace(number: 0, of: 1), to: shard,
      options: .init(metrics: try Metrics.named(["norms"])), overwrites: false, progress: nil)
    _ = try ShardContents(shard)
    let change = try #require(Self.changes.first { $0.name == name })
    let queue = try DatabaseQueue(path: shard)
    try await queue.write { try $0.execute(sql: change.sql) }
    try queue.close()
    let error = #expect(throws: Diagnostic.self) { try ShardContents(shard) }
    #expect(error?.code == .badData && error?.location.first == shard)
  }
}
