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
      parts.append(table)
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

  private var table: String {
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
