import GRDB
import Support

extension ZooIndex {
  /// The statistics of all tensors as features: a row a model, the seven numbers of a convention for
  /// each tensor, in the model's order. Models of other tensors than most have are left out.
  ///
  /// - Parameters:
  ///   - convention: which seven numbers.
  ///   - filter: an SQL expression over the models' columns; nil takes all.
  /// - Returns: the table, its first column the file; and how many models were left out.
  /// - Throws: `Diagnostic` where there are no statistics yet.
  public func features(
    _ convention: StatisticsConvention, where filter: String?
  ) throws -> (table: IndexAnswer, leftOut: Int) {
    var query = IndexQuery()
    query.subject = .results("statistics")
    query.filter = filter
    query.columns = ["id", "file", "tensor"] + convention.columns
    let rows = try ask(query).rows
    var models: [(file: IndexValue, tensors: [String: [IndexValue]])] = []
    var current: IndexValue?
    for row in rows {
      if row[0] != current {
        current = row[0]
        models.append((row[1], [:]))
      }
      models[models.count - 1].tensors[row[2].text] = Array(row.dropFirst(3))
    }
    var counts: [Set<String>: Int] = [:]
    for model in models { counts[Set(model.tensors.keys), default: 0] += 1 }
    guard
      let common = counts.max(by: {
        ($0.value, $1.key.sorted().joined()) < ($1.value, $0.key.sorted().joined())
      })?.key
    else { return (IndexAnswer(columns: ["file"], rows: []), 0) }
    let tensors = NaturalOrder.sorted(common)
    let kept = models.filter { Set($0.tensors.keys) == common }
    let columns = tensors.flatMap { tensor in convention.columns.map { "\(tensor):\($0)" } }
    return (
      IndexAnswer(
        columns: ["file"] + columns,
        rows: kept.map { model in [model.file] + tensors.flatMap { model.tensors[$0] ?? [] } }),
      models.count - kept.count
    )
  }
}
