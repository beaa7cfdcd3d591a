import Foundation
public import Reports
import ZooIndex

extension ZooReport {
  /// The most rows of a table.
  private static let rowLimit = 40

  /// Adds everything to a page.
  public func add(to page: inout ReportPage) {
    page.addHeading("The zoo: \((index as NSString).lastPathComponent)")
    page.add(
      ReportPage.Table(
        columns: totals.map(\.name),
        rows: [totals.map { NumberFormat.grouped($0.value) }]))
    page.addHeading("Populations: models of the same architecture")
    add(
      to: &page, ["structure", "understood as", "models", "parameters"] + accuracyTitle,
      populations.map { population in
        [
          population.structure, population.architecture, NumberFormat.grouped(population.count),
          population.parameters.text,
        ] + (accuracy == nil ? [] : [Self.text(population.accuracy)])
      })
    if !labels.isEmpty {
      page.addHeading("Labels")
      add(
        to: &page, ["column", "type", "from", "models", "values"],
        labels.map { column in
          [
            column.name, column.type, column.origins, NumberFormat.grouped(column.values.count),
            Self.summary(column),
          ]
        })
    }
    addFigures(to: &page)
    if !odd.isEmpty {
      page.addHeading("Models with numbers that are not finite")
      add(to: &page, oddColumns, odd.map { $0.map(\.text) })
    }
    if !duplicates.isEmpty {
      page.addHeading("The same model more than once")
      add(
        to: &page, ["times", "files"],
        duplicates.map { [String($0.files.count), $0.files.joined(separator: "\n")] })
    }
    if !failures.isEmpty {
      page.addHeading("What could not be read")
      add(to: &page, ["file", "reason"], failures.map { [$0.file, $0.reason] })
    }
  }

  private var accuracyTitle: [String] { accuracy.map { ["mean \($0.name)"] } ?? [] }

  private func addFigures(to page: inout ReportPage) {
    let charts = [distributions, quality].compactMap { $0 }
    if !charts.isEmpty || !layers.isEmpty { page.addHeading("Distributions") }
    for chart in charts { page.add(chart) }
    if !measured.isEmpty {
      add(
        to: &page, ["figure of a scan", "models", "values"],
        measured.map { [$0.name, NumberFormat.grouped($0.values.count), Self.summary($0)] })
    }
    for figures in layers {
      page.add(figures.chart)
      page.add(figures.table)
    }
  }

  private func add(to page: inout ReportPage, _ columns: [String], _ rows: [[String]]) {
    page.add(ReportPage.Table(columns: columns, rows: Array(rows.prefix(Self.rowLimit))))
    if rows.count > Self.rowLimit {
      page.addParagraph("and \(NumberFormat.grouped(rows.count - Self.rowLimit)) more")
    }
  }

  /// What values a column has: their range, or the commonest.
  private static func summary(_ column: Column) -> String {
    let distinct = Set(column.values)
    if distinct.count > 6, column.numbers.count == column.values.count {
      let sorted = column.numbers.sorted()
      let shown = [sorted[0], sorted[sorted.count / 2], sorted[sorted.count - 1]]
        .map { NumberFormat.significant($0, digits: 4) }
      return "\(shown[0]) … \(shown[1]) … \(shown[2])"
    }
    let counts = Dictionary(grouping: column.values) { $0 }.mapValues(\.count)
    let common = counts.sorted { ($1.value, $0.key.text) < ($0.value, $1.key.text) }
    let texts = common.prefix(6).map { "\(text($0.key)) (\(NumberFormat.grouped($0.value)))" }
    return texts.joined(separator: ", ")
      + (common.count > 6 ? ", and \(common.count - 6) more" : "")
  }

  private static func text(_ value: IndexValue) -> String {
    if case .real(let number) = value { return NumberFormat.significant(number, digits: 4) }
    return value.text
  }
}
