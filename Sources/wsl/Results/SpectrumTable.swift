import Reports
import Support

/// Rows of named cells: a row a layer.
struct SpectrumTable {
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

  var rows: [Row]

  /// The rows as objects.
  var objects: [[String: Cell]] {
    rows.map { row in Dictionary(row.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }) }
  }

  /// The rows under the names of all columns.
  var csv: String {
    var names: [String] = []
    var known: Set<String> = []
    for cell in rows.joined() where known.insert(cell.name).inserted { names.append(cell.name) }
    let objects = objects
    let lines = objects.map { row in
      names.map { row[$0]?.plain ?? "" }.joined(separator: ",")
    }
    return ([names.joined(separator: ",")] + lines).joined(separator: "\n")
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
