import Support

extension ReportPage {
  /// The page as Markdown. Figures are named where they would stand: Markdown holds none.
  ///
  /// What it quotes, names of models and layers and reasons, is text: nothing in it is markup.
  public var markdown: String {
    (["# \(title.escapedForMarkdown())"] + blocks.map(Self.markdown)).joined(separator: "\n\n")
      + "\n"
  }

  static func markdown(_ block: Block) -> String {
    switch block {
    case .heading(let text): "## \(text.escapedForMarkdown())"
    case .paragraph(let text): text.escapedForMarkdown(startsBlock: true)
    case .figure(let chart, let caption):
      "*Figure: \((chart.title + (caption.isEmpty ? "" : ". " + caption)).escapedForMarkdown())*"
    case .map(let map): "*Figure: \(map.title.escapedForMarkdown())*"
    case .table(let table): table.markdown
    }
  }
}

extension ReportPage.Table {
  /// The table as Markdown; a column of numbers is aligned right.
  var markdown: String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    let rule = columns.indices.map { column in
      let cells = rows.compactMap { $0.indices.contains(column) ? $0[column] : nil }
      return cells.contains(where: Self.readsAsNumber) ? "---:" : "---"
    }
    // Lines of a cell are the page's own.
    func cell(_ text: String) -> String {
      text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { String($0).escapedForMarkdown() }.joined(separator: "<br>")
    }
    let texts = ([columns] + rows).map { line($0.map(cell)) }
    return ([texts[0], line(rule)] + texts.dropFirst()).joined(separator: "\n")
  }
}

extension String {
  /// The text as one line of Markdown (CommonMark, and the tables and formulas of GitHub's) that shows
  /// it as it is: no markup, no links, no HTML. Control characters are shown as `\u{…}`.
  ///
  /// - Parameter startsBlock: whether it stands at the start of a paragraph, where some signs would
  ///   make a list or a rule of it.
  func escapedForMarkdown(startsBlock: Bool = false) -> String {
    var result = ""
    let scalars = Array(escapingControlCharacters.unicodeScalars)
    func isWord(_ place: Int) -> Bool {
      scalars.indices.contains(place) && scalars[place].properties.isAlphabetic
        || scalars.indices.contains(place) && scalars[place].properties.numericType != nil
    }
    let digits = scalars.prefix { $0.properties.numericType == .decimal }.count
    for (place, scalar) in scalars.enumerated() {
      switch scalar {
      case "\\", "`", "*", "[", "]", "<", ">", "&", "|", "~", "$", "#": result += "\\"
      // Within a word it is a letter.
      case "_" where !isWord(place - 1) || !isWord(place + 1): result += "\\"
      case _ where startsBlock && place == 0 && "+-=".unicodeScalars.contains(scalar):
        result += "\\"
      case _ where startsBlock && digits > 0 && place == digits && (scalar == "." || scalar == ")"):
        result += "\\"
      case "\u{2028}", "\u{2029}":
        result += " "
        continue
      default: break
      }
      result.unicodeScalars.append(scalar)
    }
    return result
  }
}
