import Reports
import Support

/// A result that has a table: what `--csv` prints.
protocol TabularResult: Encodable {
  /// The table with all digits; its columns are called as the JSON's keys.
  var table: ResultTable { get }
}

/// Rows of named cells.
struct ResultTable {
  /// What stands in a cell.
  enum Cell: Encodable {
    case number(Double)
    case count(Int)
    case text(String)
    case texts([String])
    case flag(Bool)
    case nothing

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .number(let value): try container.encode(FiniteNumber(value))
      case .count(let value): try container.encode(value)
      case .text(let value): try container.encode(value)
      case .texts(let values): try container.encode(values)
      case .flag(let value): try container.encode(value)
      case .nothing: try container.encodeNil()
      }
    }

    /// In comma-separated values: all digits, and nothing for what is not finite.
    var plain: String {
      switch self {
      case .number(let value): value.isFinite ? "\(value)" : ""
      case .count(let value): "\(value)"
      case .text(let value): value.escapedForCSV
      case .texts(let values): values.joined(separator: " ").escapedForCSV
      case .flag(let value): value ? "True" : "False"
      case .nothing: ""
      }
    }
  }

  /// A row: its cells in order.
  typealias Row = [(name: String, value: Cell)]

  /// The columns that are there even without rows.
  var columns: [String] = []
  var rows: [Row]

  /// Wraps rows; their columns may differ.
  init(rows: [Row]) { self.rows = rows }

  /// Makes a table whose rows have a cell for each column.
  init(_ columns: [String], _ cells: [[Cell]]) {
    self.columns = columns
    rows = cells.map { row in zip(columns, row).map { (name: $0, value: $1) } }
  }

  /// The rows as objects.
  var objects: [[String: Cell]] {
    rows.map { row in Dictionary(row.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }) }
  }

  /// The rows under the names of all columns.
  var csv: String {
    var names = columns
    var known = Set(columns)
    for cell in rows.joined() where known.insert(cell.name).inserted { names.append(cell.name) }
    let lines = objects.map { row in
      names.map { row[$0]?.plain ?? "" }.joined(separator: ",")
    }
    return ([names.map(\.escapedForCSV).joined(separator: ",")] + lines).joined(separator: "\n")
  }

  /// The cells that have no finite number, as warnings.
  var warnings: [String] {
    objects.flatMap { row -> [String] in
      let name: String
      if case .text(let text)? = row["name"] { name = text } else { name = "" }
      let missing = row.filter {
        if case .number(let value) = $0.value { return !value.isFinite }
        return false
      }.keys.sorted()
      return missing.isEmpty
        ? [] : ["\(name): not finite, and null: \(missing.joined(separator: ", "))"]
    }
  }
}

extension ResultTable.Cell {
  /// A number that may be missing.
  static func number(_ value: FiniteNumber?) -> Self { value.map { .number($0.value) } ?? .nothing }

  /// A number that may be missing.
  static func number(_ value: Double?) -> Self { value.map { .number($0) } ?? .nothing }

  /// A text that may be missing.
  static func text(_ value: String?) -> Self { value.map { .text($0) } ?? .nothing }

  /// An answer that may be missing.
  static func flag(_ value: Bool?) -> Self { value.map { .flag($0) } ?? .nothing }

  /// A shape: `3 × 4`.
  static func shape(_ sides: [Int]) -> Self { .text(NumberFormat.shape(sides)) }
}
