import Foundation
import Support

/// Prints one JSON document: keys sorted, no line breaks, so that equal results are equal bytes.
enum ResultPrinter {
  static func printJSON(_ result: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(result)
    Terminal.print(String(decoding: data, as: UTF8.self))
  }

  /// Prints a result as JSON, as comma-separated values or as text, whatever was asked for.
  ///
  /// - Returns: whether it was text, so that more may be said.
  @discardableResult
  static func show(
    _ result: some TabularResult, as shown: TableOptions, _ text: @autoclosure () -> String
  ) throws -> Bool {
    if shown.json {
      try printJSON(result)
    } else if shown.csv {
      Terminal.print(result.table.csv)
    } else {
      Terminal.print(text())
      return true
    }
    return false
  }

  /// The same for several results, which are one array, or one table.
  static func show<Item: TabularResult>(
    _ results: [Item], as shown: TableOptions, _ text: @autoclosure () -> String
  ) throws {
    if shown.json {
      try printJSON(results)
    } else if shown.csv {
      var table = ResultTable(rows: results.flatMap(\.table.rows))
      table.columns = results.first?.table.columns ?? []
      Terminal.print(table.csv)
    } else {
      Terminal.print(text())
    }
  }
}
