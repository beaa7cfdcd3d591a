import Reports
import Support
import Workbench

extension CanonicalResult {
  /// The result for a person: how many tensors have each relation, and all that are not simply equal.
  var text: String {
    let counts = CanonicalPair.Relation.allCases.compactMap { relation -> String? in
      guard let count = relations[relation.rawValue], count > 0 else { return nil }
      return "\(count) \(relation.words)"
    }
    var parts = [counts.isEmpty ? "no tensors" : counts.joined(separator: ", ")]
    let shown = pairs.filter { $0.relation != .equal || $0.note != nil || $0.name != $0.other }
    if !shown.isEmpty {
      var table = TextTable([
        .text("A"), .text("B"), .text("relation"), .text("how"), .number("relative"),
        .number("cosine"),
      ])
      for row in shown {
        table.add(
          title(row.name, row.shape), title(row.other, row.otherShape), row.relation.words,
          row.how.escapingControlCharacters, number(row.relative, digits: 3),
          number(row.cosine, digits: 6))
      }
      parts.append(table.text)
    }
    if sameContent { parts.append("both files hold the same numbers") }
    return parts.joined(separator: "\n\n")
  }

  private func title(_ name: String?, _ shape: [Int]?) -> String {
    guard let name, let shape else { return "–" }
    return name.escapingControlCharacters + " " + NumberFormat.shape(shape)
  }

  private func number(_ number: FiniteNumber?, digits: Int) -> String {
    guard let value = number?.value, value.isFinite else { return "" }
    return NumberFormat.significant(value, digits: digits)
  }
}

extension CanonicalPair.Relation {
  /// The relation in words.
  fileprivate var words: String {
    switch self {
    case .equalAfterCast: "equal after cast"
    default: rawValue
    }
  }
}

extension CanonicalResult.Row {
  /// What is to be said of a pair beside its relation.
  fileprivate var how: String {
    var words: [String] = []
    if let part {
      let runs = part.ranges.prefix(4).map {
        $0[1] - $0[0] == 1 ? "\($0[0])" : "\($0[0])–\($0[1] - 1)"
      }.joined(separator: ", ")
      let axis = part.axis.map { "axis \($0)" } ?? "the first axes"
      words.append(
        "\(runs)\(part.ranges.count > 4 ? ", …" : "") of \(axis) of \(part.of.uppercased())")
    }
    if let axes { words.append("axes \(axes.map(String.init).joined(separator: ", "))") }
    if !permutedAxes.isEmpty {
      words.append("units of axis \(permutedAxes.map(String.init).joined(separator: ", "))")
    }
    if relation == .rescaled {
      words.append(
        scaledAxes.isEmpty
          ? "by one factor"
          : "units of axis \(scaledAxes.map(String.init).joined(separator: ", "))")
    }
    if dtype != otherDtype, let dtype, let otherDtype { words.append("\(dtype) → \(otherDtype)") }
    if ambiguous { words.append("one of several") }
    if let note { words.append(note) }
    return words.joined(separator: "; ")
  }
}

extension CanonicalResult: TabularResult {
  /// A row a pair.
  var table: ResultTable {
    ResultTable(
      [
        "name", "other", "relation", "matchedBy", "shape", "otherShape", "dtype", "otherDtype",
        "ambiguous", "relative", "cosine", "note",
      ],
      pairs.map { row in
        [
          .text(row.name), .text(row.other), .text(row.relation.rawValue), .text(row.matchedBy),
          row.shape.map { .shape($0) } ?? .nothing, row.otherShape.map { .shape($0) } ?? .nothing,
          .text(row.dtype), .text(row.otherDtype), .flag(row.ambiguous), .number(row.relative),
          .number(row.cosine), .text(row.note),
        ]
      })
  }
}
