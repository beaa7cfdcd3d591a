import Phases
public import ZooIndex

extension ZooCells {
  /// The metrics that give a map of phases what it lacks: a measure that the index has of another origin
  /// than a scan is taken from there. What averaging gains and pruning costs is measured for what the phases
  /// may tell.
  ///
  /// - Throws: `Diagnostic` of code `usage` where a named column is not there.
  public static func missingMetrics(_ index: ZooIndex, columns: PhaseColumns) throws -> [String] {
    let all = try index.columns()
    let heading = all.map(\.name)
    let given = all.filter { !$0.origins.contains("scan") }.map(\.name)
    func lacks(_ measure: PhaseMeasure) throws -> Bool {
      if let named = columns.measures[measure] {
        return !given.contains(try PhaseColumns.column(named, in: heading))
      }
      return PhaseColumns.first(of: PhaseColumns.names[measure] ?? [], in: given) == nil
    }
    var metrics: [String] = []
    let ofOneModel: [PhaseMeasure] = [
      .trainLoss, .hessianTopEigenvalue, .hessianTrace, .testAccuracy,
    ]
    if try ofOneModel.contains(where: lacks) { metrics.append("hessian") }
    if try lacks(.connectivity) { metrics.append("connectivity") }
    if try lacks(.similarity) { metrics.append("similarity") }
    // A probe of transfer needs other data, so that it is only measured where it is asked for.
    let named = columns.outcomes.contains { $0.lowercased().hasPrefix("transfer_") }
    return metrics + ["averaging", "pruning"] + (named ? ["transfer"] : [])
  }
}
