import Foundation
import GRDB
import Support

/// A question as SQL.
struct QueryStatement {
  /// The statement; its arguments are the filter's, then the limit and the offset where
  /// there are any.
  let sql: String
  /// The names of the columns of its rows.
  let names: [String]

  /// Makes the statement. Names of columns are checked; the filter and the aggregates are SQL.
  ///
  /// - Throws: `Diagnostic` of code `usage`.
  ///
  /// - Parameter shown: finds the columns that are shown where none are named.
  init(_ query: IndexQuery, _ columns: IndexColumns, shown: () throws -> [String]) throws {
    for text in [query.filter].compactMap({ $0 }) + query.aggregates {
      try QueryStatement.check(text)
    }
    func quoted(_ name: String) throws -> String { "\"\(try columns.column(name))\"" }
    let base =
      columns.all.map { "\($0.expression) AS \"\($0.name)\"" }.joined(separator: ", ")
      + ", m.sequence AS \"_sequence\""
    // On lines of their own, so that a comment in it comments out nothing else.
    let filter = query.filter.map { " WHERE (\n\($0)\n)" } ?? ""
    let source = " FROM (SELECT \(base) FROM \(columns.tables))\(filter)"
    let limit = query.limit == nil ? "" : query.offset > 0 ? " LIMIT ? OFFSET ?" : " LIMIT ?"
    if query.countsOnly, query.groups.isEmpty {
      names = ["count"] + query.aggregates
      sql = "SELECT " + (["count(*)"] + query.aggregates).joined(separator: ", ") + source + limit
      return
    }
    var order = try query.order.map { item in
      let name =
        query.groups.isEmpty || item.column != "count" ? try quoted(item.column) : "count(*)"
      return name + QueryStatement.natural + (item.descends ? " DESC" : "")
    }
    guard query.groups.isEmpty else {
      let keys = try query.groups.map(quoted)
      names = try query.groups.map(columns.column) + ["count"] + query.aggregates
      order += keys.map { $0 + QueryStatement.natural }
      sql =
        "SELECT " + (keys + ["count(*)"] + query.aggregates).joined(separator: ", ") + source
        + " GROUP BY \(keys.joined(separator: ", ")) ORDER BY \(order.joined(separator: ", "))"
        + limit
      return
    }
    names = try (query.columns.isEmpty ? shown() : query.columns).map(columns.column)
    if query.subject == .models {
      order += ["\"_sequence\"", "\"file\"" + QueryStatement.natural, "\"id\""]
    } else {
      // Of the many rows of tensors only those of one model are compared number by number.
      order += ["\"_sequence\"", "\"file\"", "\"id\"", "\"tensor\"" + QueryStatement.natural]
    }
    sql =
      "SELECT " + names.map { "\"\($0)\"" }.joined(separator: ", ") + source
      + " ORDER BY \(order.joined(separator: ", "))" + limit
  }

  /// Puts texts in the order in which numbers in them count as numbers.
  private static let natural = " COLLATE naturalOrder"

  /// Refuses what is no expression but more, so that the error is clear.
  static func check(_ text: String) throws {
    var depth = 0
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil }
        continue
      }
      switch character {
      case "'", "\"", "`": quote = character
      case "(": depth += 1
      case ")": depth -= 1
      case ";": depth = -1
      default: break
      }
      guard depth >= 0 else { break }
    }
    guard depth == 0, quote == nil, !text.allSatisfy(\.isWhitespace) else {
      throw Diagnostic(
        .usage, "'\(text)' is no expression", remedy: "for example: \"test_accuracy > 0.9\"")
    }
  }
}

extension DatabaseCollation {
  /// The order of names in which numbers count as numbers; SQL calls it `naturalOrder`.
  static let natural = DatabaseCollation("naturalOrder") { one, other in
    let order = NaturalOrder.compare(one, other)
    return order == 0 ? .orderedSame : order < 0 ? .orderedAscending : .orderedDescending
  }
}
