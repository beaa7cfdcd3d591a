/// A table for a terminal: columns aligned by spaces, no lines, no colours.
public struct TextTable: Sendable {
  /// On which side a column's cells are aligned.
  public enum Alignment: Sendable {
    case left
    case right
  }

  /// A column's heading and side.
  public struct Column: Sendable {
    /// The heading.
    public var title: String
    /// The side.
    public var alignment: Alignment

    /// A column of words.
    public static func text(_ title: String) -> Column { Column(title: title, alignment: .left) }
    /// A column of numbers.
    public static func number(_ title: String) -> Column {
      Column(title: title, alignment: .right)
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  /// Makes an empty table.
  public init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; it has a cell for each column.
  public mutating func add(_ cells: String...) { add(cells) }

  /// Adds a row; it has a cell for each column.
  public mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a row has a cell for each column")
    rows.append(cells)
  }

  /// The table as lines, without a trailing newline.
  public var text: String {
    let lines = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in
      lines.reduce(0) { max($0, $1[column].count) }
    }
    return lines.map { cells in
      let padded = cells.indices.map { index -> String in
        let space = String(repeating: " ", count: widths[index] - cells[index].count)
        return columns[index].alignment == .left ? cells[index] + space : space + cells[index]
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
