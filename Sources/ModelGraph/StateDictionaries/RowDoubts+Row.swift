extension RowDoubts {
  /// Equal widths admit more than a row.
  mutating func doubtRow() {
    var square: [Int] = []
    var held: [[Int]] = []
    var seen: Set<Int> = []
    for first in widths.indices where !seen.contains(first) && !isInner(first) {
      let alike = widths.indices.filter {
        widths[$0] == widths[first] && section($0) == section(first) && !isInner($0)
      }
      seen.formUnion(alike)
      guard alike.count > 1, let last = alike.last, alike.contains(where: hidden.contains) else {
        continue
      }
      if naming.isUniform, !isCautious, last - first + 1 == alike.count {
        square += (first + 1)...last
      } else {
        held.append(alike)
      }
    }
    var statement = "the layers are taken to follow one another: the file holds weights alone"
    if !square.isEmpty {
      let names = RowDoubts.list(square.map(fullName))
      statement +=
        ", and shortcuts, branches, gates, or layers used twice would fit as well around the square "
        + "layer\(square.count == 1 ? "" : "s") \(names)"
    }
    let mayBeTransposed = square.contains { boundary in
      let module = kernels[boundary - 1].module
      return module.kind != .dense && module.className == nil
    }
    if mayBeTransposed { statement += "; so would transposed convolutions" }
    doubts.append(
      Doubt(
        assumption: Assumption(
          .row, statement, layers: square.map(name), tensors: square.flatMap(tensors),
          alternatives: square.isEmpty
            ? []
            : [
              "a shortcut around a square layer", "parallel branches or a gate",
              "a square layer used twice",
            ],
          effect: .taken, settledBy: square.isEmpty ? [] : [.row])))
    for alike in held {
      let names = RowDoubts.list(alike.map(fullName))
      let reason =
        naming.objection
        ?? (isCautious ? "the data do not tell" : "the layers between are of other widths")
      doubt(
        .row,
        "\(names) have one width (\(widths[alike[0]])), and \(reason): a shortcut, a branch or "
          + "a head beside others would fit as well as a row",
        alternatives: ["a shortcut", "parallel branches, heads or a gate", "a layer used twice"],
        holding: alike)
    }
  }
}
