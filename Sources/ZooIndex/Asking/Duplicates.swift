import Foundation
import GRDB
import Support

/// What lies in an index more than once, by the hash of contents.
public struct Duplicates: Sendable, Encodable {
  /// Models that hold the same tensors, whatever the names and the format.
  public struct Models: Sendable, Encodable {
    /// The hash of their contents.
    public var content: String
    /// Their files.
    public var files: [String]
  }

  /// Tensors of one model that hold the same: tied weights.
  public struct Tied: Sendable, Encodable {
    /// The model's file.
    public var file: String
    /// The tensors.
    public var tensors: [String]
    /// The size of one of them.
    public var bytes: Int
  }

  /// A tensor that several models have: layers that were frozen, or left as they were drawn.
  public struct Shared: Sendable, Encodable {
    /// The hash of its contents.
    public var hash: String
    /// The size.
    public var bytes: Int
    /// Its names.
    public var tensors: [String]
    /// How many models have it.
    public var count: Int
    /// The first of their files.
    public var files: [String]
  }

  /// Models that are the same.
  public var models: [Models] = []
  /// Tied weights.
  public var tied: [Tied] = []
  /// Tensors that are the same in models that are not.
  public var shared: [Shared] = []
  /// Models that were not hashed, about which nothing is known.
  public var unhashed = 0
  /// Models with tensors whose bytes are not to be had, which are never called the same as others.
  public var notCompared = 0

  /// Looks for what is there twice.
  ///
  /// - Parameter smallest: tensors of fewer bytes are left out: many small ones are all zeros.
  public init(_ index: ZooIndex, smallest: Int) throws {
    try index.translated {
      try index.queue.read { database in
        models = try Row.fetchAll(
          database,
          sql: """
            SELECT lower(hex(content)) AS content, json_group_array(file) AS files FROM
              (SELECT content, file FROM models WHERE content IS NOT NULL ORDER BY file)
            GROUP BY content HAVING count(*) > 1 ORDER BY count(*) DESC, min(file)
            """
        ).map {
          Models(
            content: try $0.cell("content"), files: try Duplicates.list($0.cell("files")))
        }
        tied = try Row.fetchAll(
          database,
          sql: """
            SELECT m.file, t.bytes, json_group_array(n.name) AS tensors
            FROM tensors t JOIN models m ON m.id = t.model JOIN names n ON n.id = t.name
            WHERE t.hash IS NOT NULL AND t.bytes >= ?
            GROUP BY t.model, t.hash, t.shape HAVING count(*) > 1 ORDER BY m.file, min(t.position)
            """, arguments: [smallest]
        ).map {
          Tied(
            file: try $0.cell("file"), tensors: try Duplicates.list($0.cell("tensors")),
            bytes: try $0.cell("bytes"))
        }
        shared = try Row.fetchAll(
          database,
          sql: """
            SELECT lower(hex(t.hash)) AS hash, t.bytes, count(DISTINCT t.model) AS count,
              json_group_array(DISTINCT n.name) AS tensors
            FROM tensors t JOIN models m ON m.id = t.model JOIN names n ON n.id = t.name
            WHERE t.hash IS NOT NULL AND t.bytes >= ?
            GROUP BY t.hash, t.shape HAVING count(DISTINCT m.content) > 1
            ORDER BY t.bytes * count(*) DESC, t.hash LIMIT 1000
            """, arguments: [smallest]
        ).map { row in
          let hash: String = try row.cell("hash")
          return Shared(
            hash: hash, bytes: try row.cell("bytes"),
            tensors: try Duplicates.list(row.cell("tensors")),
            count: try row.cell("count"),
            files: try String.fetchAll(
              database,
              sql: """
                SELECT DISTINCT m.file FROM tensors t JOIN models m ON m.id = t.model
                WHERE t.hash = ? ORDER BY m.file LIMIT 5
                """, arguments: [Data(hexadecimal: hash)]))
        }
        unhashed =
          try Int.fetchOne(database, sql: "SELECT count(*) FROM models WHERE content IS NULL") ?? 0
        notCompared =
          try Int.fetchOne(
            database,
            sql: """
              SELECT count(DISTINCT u.model) FROM unread u JOIN models m ON m.id = u.model
              WHERE u.hash IS NULL AND m.content IS NOT NULL
              """) ?? 0
      }
    }
  }

  private static func list(_ json: String) throws -> [String] {
    (try JSONValue(parsing: json.utf8).array ?? []).compactMap(\.string)
  }
}

extension Data {
  /// The bytes of hexadecimal digits.
  init(hexadecimal text: String) {
    let digits = Array(text.utf8).map { UInt8($0 < 58 ? $0 - 48 : ($0 | 0x20) - 87) }
    self.init(stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }
}
