import Foundation
import Reports
import Support
import ZooIndex

/// What `wsl zoo list` says: rows as objects under the subject's name.
struct ZooListResult: Encodable {
  private let index: String
  private let subject: String
  private let query: IndexQuery
  private let answer: IndexAnswer

  struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
  }

  /// Wraps an answer.
  init(index: String, subject: String, query: IndexQuery, answer: IndexAnswer) {
    self.index = index
    self.subject = subject
    self.query = query
    self.answer = answer
  }

  /// The name of the list: models, tensors, results, groups.
  private var listName: String {
    if !query.groups.isEmpty { return "groups" }
    return switch query.subject {
    case .models: "models"
    case .tensors: "tensors"
    case .results: "results"
    }
  }

  private var isCount: Bool { query.countsOnly && query.groups.isEmpty }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(index, forKey: Key("index"))
    if isCount {
      for (column, value) in zip(answer.columns, answer.rows.first ?? []) {
        try container.encode(value, forKey: Key(column))
      }
      return
    }
    try container.encode(answer.rows.count, forKey: Key("count"))
    try container.encode(
      answer.rows.map { Object(columns: answer.columns, values: $0) }, forKey: Key(listName))
  }

  /// A row as an object.
  struct Object: Encodable {
    var columns: [String]
    var values: [IndexValue]

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      for (column, value) in zip(columns, values) {
        try container.encode(value, forKey: Key(column))
      }
    }
  }

  /// The rows as JSON, an object a line.
  static func lines(_ answer: IndexAnswer) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try answer.rows.map { row in
      let data = try encoder.encode(Object(columns: answer.columns, values: row))
      return String(decoding: data, as: UTF8.self) + "\n"
    }.joined()
  }

  /// The result for a person.
  var text: String {
    if isCount, answer.columns.count == 1 { return answer.rows.first?.first?.text ?? "0" }
    return Self.table(answer.rows.map { Object(columns: answer.columns, values: $0) })
  }

  /// How soon columns are left out where a terminal has no room: results stay longest, what the file is like
  /// goes first; of others the last one goes.
  private static let expendability = [
    "fingerprint": 4, "dtype": 3, "format": 3, "layout": 3, "parameters": 1, "test_accuracy": 1,
    "test_loss": 1, "train_accuracy": 1, "train_loss": 1,
  ]

  /// Rows as a table for a person.
  static func table(_ rows: [Object]) -> String {
    guard let columns = rows.first?.columns else { return "nothing fits" }
    var table = TextTable(
      columns.indices.map { column in
        let isNumber = rows.allSatisfy { row in
          if case .text = row.values[column] { false } else { true }
        }
        let soon = expendability[columns[column]] ?? 2
        return isNumber
          ? .number(columns[column], expendability: soon)
          : .text(columns[column]).expendable(soon)
      })
    for row in rows { table.add(row.values.map(cell)) }
    return table.text
  }

  private static func cell(_ value: IndexValue) -> String {
    if case .real(let number) = value { return NumberFormat.significant(number) }
    return value.text.escapingControlCharacters
  }
}
