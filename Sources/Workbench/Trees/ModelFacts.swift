import Tensors
import ZooIndex

/// What the index knows of some models beside their weights.
struct ModelFacts {
  var names: [String] = []
  var parents: [String?] = []
  /// The bytes of an element.
  var widths: [Int] = []
  /// The step or epoch of a checkpoint.
  var steps: [Double?] = []

  init(_ index: ZooIndex, _ ids: [Int64]) throws {
    var query = IndexQuery()
    let known = Set(try index.columns().map(\.name))
    let stepColumns = ["global_step", "step", "checkpoint_epoch", "epoch"].filter(known.contains)
    query.columns = ["id", "name", "parent_file", "dtype"] + stepColumns
    var rows: [Int64: [IndexValue]] = [:]
    for row in try index.ask(query).rows {
      if case .integer(let id) = row[0] { rows[id] = row }
    }
    for id in ids {
      guard let row = rows[id] else { continue }
      names.append(row[1].text)
      parents.append(row[2] == .null ? nil : row[2].text)
      widths.append(ElementType(rawValue: row[3].text)?.byteCount ?? 4)
      steps.append(row[4...].lazy.filter { $0 != .null }.compactMap { Double($0.text) }.first)
    }
  }
}
