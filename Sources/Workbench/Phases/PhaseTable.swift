import Foundation
public import Phases
import Support
public import ZooIndex

/// The models of a table or an index, as the map of phases takes them.
public struct PhaseTable: Sendable {
  /// The models, or the rows of a table.
  public private(set) var models: [PhaseModel] = []
  /// The column of the load.
  public let load: String
  /// The column of the temperature.
  public let temperature: String
  /// The columns of the measures that there are.
  public let measures: [PhaseMeasure: String]
  /// What was left out, and why.
  public internal(set) var warnings: [String] = []

  /// Takes the rows of a table of comma-separated values.
  ///
  /// - Parameter filter: an SQL expression over its columns.
  /// - Throws: `Diagnostic`: of code `usage` where a column is not there, `badData` where a load or a
  ///   temperature is no number.
  public init(
    _ table: CSVTable, path: String, columns: PhaseColumns, where filter: String? = nil
  ) throws {
    do {
      try self.init(heading: table.columns, columns)
      let kept = try table.rows(where: filter)
      guard !kept.isEmpty else {
        throw Diagnostic(
          .badData, filter == nil ? "the table has no rows" : "no row fits the expression")
      }
      var seen: Set<[String]> = []
      var seeds: [[String]: Int] = [:]
      var twice = 0
      let seed = table.columns.firstIndex { $0.lowercased() == "seed" }
      let places = [load, temperature].compactMap { table.columns.firstIndex(of: $0) }
      var rows: [(number: Int, cells: [IndexValue])] = []
      for row in kept {
        let cells = table.rows[row]
        guard seen.insert(cells).inserted else {
          twice += 1
          continue
        }
        if let seed { seeds[(places + [seed]).map { cells[$0] }, default: 0] += 1 }
        rows.append((row + 1, cells.map { IndexValue(cell: $0.trimmingBlanks) }))
      }
      if twice > 0 {
        warnings.append("\(twice) rows stand there twice, the same in every column: counted once")
      }
      let repeated = seeds.values.count { $0 > 1 }
      if repeated > 0 {
        warnings.append(
          "\(repeated) times one seed of one cell has several rows that differ: all are counted")
      }
      try take(rows, heading: table.columns, what: "row", columns)
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  init(heading: [String], _ columns: PhaseColumns) throws {
    load = try PhaseColumns.axis(columns.load, PhaseColumns.loads, "load", in: heading)
    temperature = try PhaseColumns.axis(
      columns.temperature, PhaseColumns.temperatures, "temperature", in: heading)
    var measures: [PhaseMeasure: String] = [:]
    for measure in PhaseMeasure.allCases {
      if let given = columns.measures[measure] {
        measures[measure] = try PhaseColumns.column(given, in: heading)
      } else {
        measures[measure] = PhaseColumns.first(
          of: PhaseColumns.names[measure] ?? [], in: heading)
      }
    }
    for outcome in columns.outcomes { _ = try PhaseColumns.column(outcome, in: heading) }
    self.measures = measures
    guard load != temperature else {
      throw Diagnostic(
        .usage, "load and temperature are one column, '\(load)'", remedy: "name two columns")
    }
  }

  static func outcomes(_ heading: [String], _ columns: PhaseColumns) -> [String] {
    let named = columns.outcomes.isEmpty ? PhaseColumns.outcomes : columns.outcomes
    return named.compactMap { PhaseColumns.first(of: [$0.lowercased()], in: heading) }
  }

  mutating func take(
    _ rows: [(number: Int, cells: [IndexValue])], heading: [String], what: String,
    _ columns: PhaseColumns
  ) throws {
    let places = Dictionary(heading.enumerated().map { ($1, $0) }) { first, _ in first }
    let outcomes = Self.outcomes(heading, columns)
    var hollow = 0
    var words: [String: (count: Int, example: String, row: Int)] = [:]
    for (number, cells) in rows {
      func value(_ column: String) -> IndexValue { places[column].map { cells[$0] } ?? .null }
      func axis(_ column: String) throws -> Double? {
        switch value(column) {
        case .null: return nil
        case .text(let text):
          throw Diagnostic(
            .badData, "'\(text.prefix(40))' in column \(column) is no number",
            at: ["\(what) \(number)"],
            remedy: "a load and a temperature are numbers: correct it, or leave the \(what) out")
        case .integer, .real: return value(column).number.flatMap { $0.isFinite ? $0 : nil }
        }
      }
      guard let x = try axis(load), let y = try axis(temperature) else {
        hollow += 1
        continue
      }
      func measured(_ column: String) -> Double? {
        if case .text(let text) = value(column) {
          words[column, default: (0, String(text.prefix(40)), number)].count += 1
        }
        return value(column).number
      }
      var found: [PhaseMeasure: Double] = [:]
      for (measure, column) in measures {
        guard let number = measured(column) else { continue }
        found[measure] =
          column.lowercased().hasPrefix("log_") && measure != .trainLoss ? exp(number) : number
      }
      let results = outcomes.reduce(into: [String: Double]()) { results, column in
        results[column] = measured(column)
      }
      models.append(PhaseModel(load: x, temperature: y, measures: found, outcomes: results))
    }
    if hollow > 0 {
      warnings.append("\(hollow) \(what)s have no \(load) or no \(temperature): left out")
    }
    for (column, word) in words.sorted(by: { $0.key < $1.key }) {
      warnings.append(
        "\(word.count) of \(rows.count) \(what)s have a text in column \(column), such as "
          + "'\(word.example)' (\(what) \(word.row)): not counted")
    }
  }
}
