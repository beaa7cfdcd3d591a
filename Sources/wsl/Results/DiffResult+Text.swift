import Reports
import Support

extension DiffResult {
  /// The result for a person.
  var text: String {
    var parts: [String] = []
    let isSame = tensors.allSatisfy {
      $0.fractionChanged.value == 0 && $0.name == $0.other && $0.dtype == $0.otherDtype
        && !$0.transposed
    }
    if identical == true || isSame && (!unread.isEmpty || tensors.isEmpty && identical == nil) {
      parts.append(sameness.visible)
    } else if !tensors.isEmpty {
      parts.append(comparedText)
    }
    parts += unreadParts
    for (title, list) in [("only in A", removed), ("only in B", added)] where !list.isEmpty {
      parts.append(
        title + ":\n"
          + list.map { "  \($0.name) \(NumberFormat.shape($0.shape)) \($0.dtype)".visible }
          .joined(separator: "\n"))
    }
    if !reshaped.isEmpty {
      let lines = reshaped.map {
        let name = $0.other == $0.name ? $0.name : "\($0.name) ~ \($0.other)"
        return
          "  \(name) \(NumberFormat.shape($0.shape)) → \(NumberFormat.shape($0.otherShape))".visible
      }
      parts.append("reshaped:\n" + lines.joined(separator: "\n"))
    }
    parts.append(pairing.text)
    return parts.joined(separator: "\n\n")
  }

  private var comparedText: String {
    var table = TextTable([
      .text("tensor"), .text("shape"), .text("type"), .number("L2"), .number("relative"),
      .number("cosine"), .number("largest change"), .number("changed"),
    ])
    for row in tensors {
      var name = row.name
      if row.other != row.name { name += " ~ " + row.other }
      if row.transposed { name += " (transposed)" }
      table.add(
        name.visible, NumberFormat.shape(row.shape),
        row.dtype == row.otherDtype ? row.dtype : "\(row.dtype) → \(row.otherDtype)",
        number(row.l2), number(row.relative), number(row.cosine, digits: 6),
        number(row.largestChange), NumberFormat.percent(row.fractionChanged.value))
    }
    table.add(
      "all", "", "", number(total.l2), number(total.relative), number(total.cosine, digits: 6),
      number(total.largestChange), NumberFormat.percent(total.fractionChanged.value))
    return table.text
  }

  private func number(_ number: FiniteNumber, digits: Int = 3) -> String {
    number.value.isFinite ? NumberFormat.significant(number.value, digits: digits) : "–"
  }
}

extension String {
  fileprivate var visible: String { escapingControlCharacters }
}

extension DiffResult: TabularResult {
  /// A row a tensor, also of those that only one model has.
  var table: ResultTable {
    let columns = [
      "name", "other", "status", "matchedBy", "transposed", "shape", "otherShape", "dtype",
      "otherDtype", "l2", "relative", "cosine", "largestChange", "fractionChanged",
    ]
    var result = ResultTable(
      columns,
      tensors.map { row in
        [
          .text(row.name), .text(row.other), .text("compared"), .text(row.matchedBy),
          .flag(row.transposed), .shape(row.shape), .nothing, .text(row.dtype),
          .text(row.otherDtype), .number(row.l2), .number(row.relative), .number(row.cosine),
          .number(row.largestChange), .number(row.fractionChanged),
        ]
      })
    result.rows += reshaped.map { row in
      [
        ("name", .text(row.name)), ("other", .text(row.other)), ("status", .text("reshaped")),
        ("shape", .shape(row.shape)), ("otherShape", .shape(row.otherShape)),
      ]
    }
    for (status, alone) in [("added", added), ("removed", removed)] {
      result.rows += alone.map { tensor in
        [
          ("name", .text(tensor.name)), ("status", .text(status)), ("shape", .shape(tensor.shape)),
          ("dtype", .text(tensor.dtype)),
        ]
      }
    }
    result.rows += unread.map { object in
      [
        ("name", .text(object.name)), ("status", .text("unread, \(object.outcome.rawValue)")),
        ("dtype", .text(object.dtype)),
      ]
    }
    return result
  }
}
