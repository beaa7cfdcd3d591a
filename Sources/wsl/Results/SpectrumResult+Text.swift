import Catalogs
import Reports
import Support
import WeightFiles

extension SpectrumResult {
  /// A column of the table for people: the key, the heading, and how many digits.
  private struct Column {
    var key: String
    var title: String
    var digits = 4

    init(_ key: String, _ title: String? = nil, digits: Int = 4) {
      self.key = key
      self.title = title ?? key
      self.digits = digits
    }
  }

  private static let columns = [
    Column("eigenvalues"), Column("alpha"), Column("alphaLow", "from"), Column("alphaHigh", "to"),
    Column("goodnessOfFit", "p", digits: 2), Column("D", digits: 3),
    Column("tailEigenvalues", "tail"), Column("hillAlpha", "Hill"),
    Column("fixedAspectAlpha", "fixed aspect"), Column("lambdaMax", "λ max"),
    Column("logNorm", "log norm"), Column("stableRank", "stable rank"), Column("rank"),
    Column("entropy", digits: 3), Column("spikes"), Column("optimalRank", "rank above noise"),
    Column("traps"), Column("tailParticipation", "tail spread", digits: 3),
    Column("bulkParticipation", "bulk spread", digits: 3),
  ]

  private static let compatible = [
    Column("num_evals"), Column("alpha"), Column("D", digits: 3), Column("xmin"), Column("sigma"),
    Column("num_pl_spikes"), Column("lambda_max"), Column("log_norm"), Column("alpha_weighted"),
    Column("stable_rank"), Column("rank_loss"), Column("num_traps"), Column("warning"),
  ]

  /// The result for a person.
  func text(withFile: Bool) -> String {
    var parts: [String] = []
    if withFile { parts.append(file.escapingControlCharacters) }
    parts.append(layers.isEmpty ? "no layer has a spectrum" : table)
    if layers.count > 1, let averages { parts.append(averages) }
    if !failed.isEmpty || !skipped.isEmpty { parts.append(leftOut) }
    return parts.joined(separator: "\n\n")
  }

  /// The averages over the layers, which `--json` has as `summary`.
  private var averages: String? {
    let known = (compat == nil ? Self.columns : Self.compatible).map { ($0.key, $0.title) }
    let named = Dictionary(known + [("alphaWeighted", "weighted alpha")], uniquingKeysWith: { $1 })
    let order = known.map(\.0)
    let cells = summary.filter { $0.value.value.isFinite }.sorted {
      let (a, b) = (order.firstIndex(of: $0.key), order.firstIndex(of: $1.key))
      return (a ?? .max, $0.key) < (b ?? .max, $1.key)
    }.map { "\(named[$0.key] ?? $0.key) \(NumberFormat.significant($0.value.value, digits: 4))" }
    return cells.isEmpty
      ? nil : "on average over \(layers.count) layers: " + cells.joined(separator: ", ")
  }

  /// What has no spectrum: a line a reason, with the first few names.
  private var leftOut: String {
    var table = TextTable([.text("left out"), .number(""), .text("reason")])
    for object in failed { table.add(object.name.escapingControlCharacters, "", object.reason) }
    var names: [String: [String]] = [:]
    var reasons: [String] = []
    for object in skipped {
      if names[object.reason] == nil { reasons.append(object.reason) }
      names[object.reason, default: []].append(object.name)
    }
    for reason in reasons {
      let all = names[reason] ?? []
      let shown = all.prefix(2).joined(separator: ", ") + (all.count > 2 ? ", …" : "")
      table.add(
        shown.escapingControlCharacters, all.count > 1 ? "\(all.count)" : "",
        reason.escapingControlCharacters)
    }
    return table.text
  }

  private var table: String {
    let shown = (compat == nil ? Self.columns : Self.compatible).filter { column in
      layers.contains { $0[column.key] != nil }
    }
    var table = TextTable(
      [.text("layer"), .text("type"), .number("shape")]
        + shown.map { $0.key == "warning" ? .text("") : .number($0.title) })
    for row in layers {
      table.add(
        [Self.text(row["name"]), Self.text(row["type"] ?? row["layer_type"]), Self.shape(row)]
          + shown.map { Self.text(row[$0.key], digits: $0.digits) })
    }
    return table.text
  }

  /// `9 × 64 × 32`: so many matrices of those sides.
  private static func shape(_ row: [String: ResultTable.Cell]) -> String {
    let count = text(row["slices"] ?? row["rf"])
    let sides = [row["longSide"] ?? row["N"], row["shortSide"] ?? row["M"]].map { text($0) }
    return ((count == "1" ? [] : [count]) + sides).joined(separator: " × ")
  }

  private static func text(_ cell: ResultTable.Cell?, digits: Int = 4) -> String {
    switch cell {
    case .number(let value)?:
      value.isFinite ? NumberFormat.significant(value, digits: digits) : "–"
    case .count(let count)?: NumberFormat.grouped(count)
    case .text(let text)?: text.escapingControlCharacters
    case .texts(let texts)?: texts.joined(separator: " ").escapingControlCharacters
    case .flag(let flag)?: flag ? "yes" : "no"
    case .nothing?, nil: "–"
    }
  }
}
