import Phases
import Support
public import ZooIndex

extension PhaseTable {
  /// Takes the models of an index. Checkpoints within a training are no seeds of a cell: they are left
  /// out where the index has the ends of trainings, unless the expression is about epochs.
  ///
  /// - Throws: `Diagnostic`: of code `usage` where a column is not there, `badData` where there are no
  ///   models, or a load or a temperature is no number.
  public init(_ index: ZooIndex, columns: PhaseColumns, where filter: String? = nil) throws {
    let heading = try index.columns().map(\.name)
    let ends = try RunEnds(index, where: filter)
    var columns = columns
    for measure in PhaseMeasure.allCases where columns.measures[measure] == nil {
      columns.measures[measure] = try Self.fullest(
        PhaseColumns.all(of: PhaseColumns.names[measure] ?? [], in: heading), of: index,
        where: ends.filter)
    }
    try self.init(heading: heading, columns)
    warnings = ends.warnings
    var query = IndexQuery()
    query.filter = ends.filter
    let outcomes = Self.outcomes(heading, columns)
    let seed = PhaseColumns.first(of: ["seed"], in: heading)
    query.columns =
      [load, temperature] + measures.values.sorted() + outcomes + [seed].compactMap { $0 }
    var named: Set<String> = []
    query.columns = query.columns.filter { named.insert($0).inserted }
    let answer = try index.ask(query)
    guard !answer.rows.isEmpty else {
      throw Diagnostic(
        .badData, filter == nil ? "the index has no models" : "no model fits the expression")
    }
    let places = [load, temperature, seed].compactMap {
      $0.flatMap { answer.columns.firstIndex(of: $0) }
    }
    if places.count == 3 {
      let cells = Dictionary(grouping: answer.rows) { row in places.map { row[$0] } }
      let repeated = cells.count { $0.value.count > 1 && !$0.key.contains(.null) }
      if repeated > 0 {
        warnings.append(
          "\(repeated) times one seed of one cell has several models: all are counted as if each were a "
            + "training of its own; an expression takes one of them")
      }
    }
    try take(
      answer.rows.enumerated().map { ($0 + 1, $1) }, heading: answer.columns, what: "model",
      columns)
  }

  /// The column that most models have a value in; of equal ones the first.
  private static func fullest(
    _ names: [String], of index: ZooIndex, where filter: String?
  ) throws -> String? {
    guard names.count > 1 else { return names.first }
    var query = IndexQuery()
    query.filter = filter
    query.columns = names
    let rows = try index.ask(query).rows
    let counts = names.indices.map { column in rows.count { $0[column] != .null } }
    return names.indices.max { (counts[$0], -$0) < (counts[$1], -$1) }.map { names[$0] }
  }
}
