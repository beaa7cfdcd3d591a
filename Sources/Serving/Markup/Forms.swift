import ZooIndex

/// Pieces of forms that several pages have.
enum Forms {
  /// The field of the filter, with what is wrong with it below.
  static func filter(_ filter: String?, problem: String?) -> HTML {
    let wrong: HTML = problem == nil ? "" : " aria-invalid=\"true\" aria-describedby=\"problem\""
    let words: HTML =
      problem.map { problem in
        "<p class=\"problem\" id=\"problem\" role=\"alert\">\(problem)</p>"
      } ?? ""
    return """
      <label class="filter">Filter (SQL over the columns)
      <input type="search" name="where" id="filter" value="\(filter ?? "")" spellcheck="false" \
      autocomplete="off" placeholder="test_accuracy &gt; 0.9 and width = 64"\(wrong)></label>
      \(words)
      """
  }

  /// What goes along with a form and is not seen.
  static func hidden(_ items: [(name: String, value: String)]) -> [HTML] {
    items.map { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">\n" }
  }

  /// A choice of one column.
  static func column(
    _ title: String, name: String, columns: [String], chosen: String?, none: String? = nil
  ) -> HTML {
    var options: [HTML] = none.map { words in ["<option value=\"\">\(words)</option>"] } ?? []
    // A column that there is none of stays in sight.
    let all = columns + (chosen.map { columns.contains($0) ? [] : [$0] } ?? [])
    options += all.map { column in
      "<option\(HTML.when(column == chosen, " selected"))>\(column)</option>"
    }
    return "<label>\(title)\n<select name=\"\(name)\">\(options)</select></label>\n"
  }

  /// A box to tick.
  static func box(_ title: String, name: String, value: String = "1", isTicked: Bool) -> HTML {
    """
    <label class="box"><input type="checkbox" name="\(name)" value="\(value)"\
    \(HTML.when(isTicked, " checked"))>\(title)</label>

    """
  }

  /// Boxes for all columns, by where their values come from.
  static func columns(_ columns: [IndexColumn], chosen: [String]) -> [HTML] {
    let chosen = Set(chosen.map { $0.lowercased() })
    func group(_ title: String, _ takes: (IndexColumn) -> Bool) -> HTML {
      let boxes = columns.filter(takes).map { column in
        box(
          column.name, name: "column", value: column.name,
          isTicked: chosen.contains(column.name.lowercased()))
      }
      return boxes.isEmpty
        ? "" : "<fieldset><legend>\(title)</legend><div class=\"boxes\">\(boxes)</div></fieldset>\n"
    }
    return [
      group("Labels") { $0.origins != ["file"] && $0.origins != ["scan"] },
      group("Figures of scans") { $0.origins == ["scan"] },
      group("The file") { $0.origins == ["file"] },
    ]
  }
}
