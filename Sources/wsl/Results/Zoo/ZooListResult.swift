import Reports
import WorkbenchCore
import Zoo

/// What `wsl zoo list` says: rows as objects under the subject's name.
struct ZooListResult: Encodable {
  private let index: String
  private let subject: String
  private let query: IndexQuery
  private let answer: IndexAnswer

  private struct Key: CodingKey {
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
    var list = container.nestedUnkeyedContainer(forKey: Key(listName))
    for row in answer.rows {
      var object = list.nestedContainer(keyedBy: Key.self)
      for (column, value) in zip(answer.columns, row) {
        try object.encode(value, forKey: Key(column))
      }
    }
  }

  /// The result for a person.
  var text: String {
    if isCount, answer.columns.count == 1 { return answer.rows.first?.first?.text ?? "0" }
    let rows = answer.rows
    var table = TextTable(
      answer.columns.indices.map { column in
        let isNumber = rows.allSatisfy { row in
          if case .text = row[column] { false } else { true }
        }
        return isNumber ? .number(answer.columns[column]) : .text(answer.columns[column])
      })
    for row in rows { table.add(row.map(Self.cell)) }
    return rows.isEmpty ? "nothing fits" : table.text
  }

  private static func cell(_ value: IndexValue) -> String {
    if case .real(let number) = value { return NumberFormat.significant(number) }
    return value.text.escapingControlCharacters
  }
}

/// Comma-separated values (RFC 4180).
enum CommaSeparated {
  static func text(_ answer: IndexAnswer) -> String {
    let lines = [answer.columns] + answer.rows.map { $0.map(\.text) }
    return lines.map { $0.map(cell).joined(separator: ",") + "\n" }.joined()
  }

  private static func cell(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}

/// What `wsl zoo list --show-columns` says.
struct ZooColumnsResult: Encodable {
  var index: String
  var columns: [IndexColumn]

  /// The result for a person.
  var text: String {
    var table = TextTable([.text("column"), .text("type"), .text("from")])
    for column in columns {
      table.add(
        column.name, column.type ?? "",
        column.origins.joined(separator: ", ").escapingControlCharacters)
    }
    return table.text
  }
}
