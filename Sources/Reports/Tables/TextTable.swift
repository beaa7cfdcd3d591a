/// A table for a terminal: columns aligned by spaces, no lines.
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
    /// How soon the column may be left out where there is no room: the highest first, of equal ones
    /// the last. 0 for one that always stays.
    public var expendability: Int

    /// A column of words, which stays.
    public static func text(_ title: String) -> Column {
      Column(title: title, alignment: .left, expendability: 0)
    }

    /// A column of numbers, which may be left out.
    public static func number(_ title: String, expendability: Int = 1) -> Column {
      Column(title: title, alignment: .right, expendability: expendability)
    }

    /// The same column, which may be left out so soon.
    public func expendable(_ expendability: Int) -> Column {
      Column(title: title, alignment: alignment, expendability: expendability)
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

  /// The table as lines, without a trailing newline, as `TextLayout.current` says.
  public var text: String {
    let layout = TextLayout.current
    let widths = columns.indices.map { column in
      rows.reduce(columns[column].title.count) { max($0, $1[column].count) }
    }
    let shown = shown(widths, in: layout.width)
    var lines = ([columns.map(\.title)] + rows).map { line($0, shown, widths) }
    lines[0] = layout.heading(lines[0])
    let missing = columns.indices.filter { !shown.contains($0) && !columns[$0].title.isEmpty }
    if !missing.isEmpty {
      lines.append(layout.note(missing.map { columns[$0].title }))
    }
    return lines.joined(separator: "\n")
  }

  /// The columns that there is room for. Where there is not enough even for those that stay, all are
  /// shown: lines break either way.
  private func shown(_ widths: [Int], in room: Int?) -> [Int] {
    let all = Array(columns.indices)
    guard let room else { return all }
    func width(_ chosen: [Int]) -> Int {
      chosen.reduce(0) { $0 + widths[$1] } + 2 * max(0, chosen.count - 1)
    }
    var chosen = all
    while width(chosen) > room {
      let last = chosen.dropFirst().filter { columns[$0].expendability > 0 }.max {
        (columns[$0].expendability, $0) < (columns[$1].expendability, $1)
      }
      guard let last else { return all }
      chosen.removeAll { $0 == last }
    }
    return chosen
  }

  private func line(_ cells: [String], _ shown: [Int], _ widths: [Int]) -> String {
    let padded = shown.map { index -> String in
      let space = String(repeating: " ", count: widths[index] - cells[index].count)
      return columns[index].alignment == .left ? cells[index] + space : space + cells[index]
    }
    var line = padded.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}
