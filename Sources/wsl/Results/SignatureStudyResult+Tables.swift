import Reports
import Support
import Workbench

extension SignatureStudyResult {
  /// A table with a heading, for a terminal or for a page.
  struct Section {
    var title: String
    var columns: [String]
    var rows: [[String]]

    /// For a terminal.
    var text: String {
      var table = TextTable(
        columns.enumerated().map { $0 == 0 ? .text($1) : .number($1) })
      for row in rows { table.add(row) }
      return "\(title)\n\(table.text)"
    }
  }

  private var head: String {
    "\(models) models, \(NumberFormat.grouped(examples)) test images of "
      + "\(data.escapingControlCharacters), \(NumberFormat.seconds(seconds))"
  }

  /// The whole study as a page.
  var page: ReportPage {
    var page = ReportPage(title: "Robust weight signatures")
    page.addParagraph(head + ".")
    page.addHeading("Claims")
    page.add(
      ReportPage.Table(
        columns: ["claim", "measure", "holds if", "measured", ""],
        rows: claims.map {
          [$0.claim, $0.measure, $0.threshold, $0.measured, $0.holds ? "holds" : "missed"]
        }))
    page.addHeading("Strength and number of layers")
    page.add(chart)
    for section in sections {
      page.addHeading(section.title)
      page.add(ReportPage.Table(columns: section.columns, rows: section.rows))
    }
    return page
  }

  /// The whole study for a terminal.
  var text: String {
    var lines = [head, ""]
    for claim in claims {
      lines.append("\(claim.holds ? "holds " : "MISSED")  \(claim.claim): \(claim.measured)")
      lines.append("        \(claim.measure); holds if \(claim.threshold)")
    }
    return lines.joined(separator: "\n") + "\n\n"
      + sections.map(\.text).joined(separator: "\n\n")
  }

  private func pair(_ score: Score) -> String {
    let (clean, robust) = (score.cleanAccuracy.value, score.robustAccuracy.value)
    return NumberFormat.fixed(100 * clean, decimals: 1) + " / "
      + NumberFormat.fixed(100 * robust, decimals: 1)
  }

  private var sections: [Section] {
    let depth = corruptions.first?.patched.count ?? 0
    var sections = [
      Section(
        title:
          "Accuracy in %, clean / corrupted: standard, robust, patched with the first K layers",
        columns: ["corruption", "standard", "robust"] + (1...max(1, depth)).map { "K = \($0)" },
        rows: corruptions.map { row in
          [row.type, pair(row.standard), pair(row.robust)] + row.patched.map(pair)
        } + [means])
    ]
    let strengths = sweep.filter { $0.layers == layers }
    sections.append(
      Section(
        title: "Strength, K = \(layers)",
        columns: ["α"] + strengths.map { NumberFormat.significant($0.alpha) },
        rows: [["clean / corrupted"] + strengths.map { pair($0.score) }]))
    sections.append(
      Section(
        title: "Levels, and without the projection, K = \(layers)",
        columns: ["form"]
          + forms.map { form in
            form.levels.map { "\($0) levels" } ?? (form.projection ? "Float32" : "no projection")
          }, rows: [["clean / corrupted"] + forms.map { pair($0.score) }]))
    if !pairs.isEmpty {
      sections.append(
        Section(
          title: "Pairs, K = \(layers)",
          columns: ["α of both"] + pairs.map { NumberFormat.significant($0.alpha) },
          rows: [["clean / corrupted"] + pairs.map { pair($0.score) }]))
    }
    for (title, rows) in [
      ("Nearest neighbours across seeds", acrossSeeds),
      ("Nearest neighbours across label sets", acrossLabelSets),
    ] where !rows.isEmpty {
      sections.append(
        Section(
          title: title, columns: ["K"] + rows.map { "\($0.layers)" },
          rows: [
            ["of the same corruption"] + rows.map { NumberFormat.percent($0.nearest.value) },
            ["cosine, same / other"]
              + rows.map {
                NumberFormat.fixed($0.sameCosine.value, decimals: 2) + " / "
                  + NumberFormat.fixed($0.differentCosine.value, decimals: 2)
              },
          ]))
    }
    if !transfer.isEmpty {
      sections.append(
        Section(
          title: "Signatures of the other label set",
          columns: ["K"] + transfer.map { "\($0.layers)" },
          rows: [
            ["own"] + transfer.map { pair($0.own) },
            ["foreign"] + transfer.map { pair($0.foreign) },
          ]))
    }
    return sections
  }

  private var means: [String] {
    func mean(_ score: (CorruptionRow) -> Score) -> String {
      let scores = corruptions.map(score)
      let count = Double(max(1, scores.count))
      return pair(
        Score(
          StudyScore(
            clean: scores.reduce(0) { $0 + $1.cleanAccuracy.value } / count,
            robust: scores.reduce(0) { $0 + $1.robustAccuracy.value } / count)))
    }
    let depth = corruptions.first?.patched.count ?? 0
    return ["mean", mean(\.standard), mean(\.robust)]
      + (0..<depth).map { layer in mean { $0.patched[layer] } }
  }

  /// The sweep over strengths and numbers of layers.
  var chart: LineChart {
    func series(_ value: (Score) -> FiniteNumber) -> [LineChart.Series] {
      (1...max(1, corruptions.first?.patched.count ?? 1)).map { count in
        LineChart.Series(
          name: "K = \(count)",
          points: sweep.filter { $0.layers == count }.map {
            LineChart.Point(x: $0.alpha, y: value($0.score).value)
          })
      }
    }
    return LineChart(
      title: "Patching with robust weight signatures",
      subtitle:
        "mean over \(corruptions.count) corruptions, label sets and seeds; 8 levels; first K layers",
      panels: [
        .init(title: "accuracy, corrupted", xLabel: "α", series: series(\.robustAccuracy)),
        .init(title: "accuracy, clean", xLabel: "α", series: series(\.cleanAccuracy)),
      ])
  }
}
