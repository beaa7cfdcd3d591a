import Phases
import Reports
import Support

extension PhasesResult {
  /// Everything as a page.
  var page: ReportPage {
    var page = ReportPage(title: "Phases of the loss landscape: \(source)")
    page.addParagraph(
      "A cell is the models of one \(load) and one \(temperature). \(thresholdText). Intervals are of "
        + "\(draws) draws.")
    for warning in warnings { page.addParagraph("Note: \(warning).") }
    page.add(figure)
    page.addHeading("Phases")
    page.add(
      ReportPage.Table(
        columns: ["phase", "meaning", "cells", "test accuracy", "95 %"],
        rows: phases.map { phase in
          [
            phase.phase.rawValue, phase.meaning, "\(phase.cells)", Self.short(phase.testAccuracy),
            Self.short(phase.interval),
          ]
        }))
    if !claimTexts.isEmpty {
      page.addHeading("What the map says")
      for text in claimTexts { page.addParagraph(text + ".") }
    }
    for trend in trends {
      page.addHeading("\(trend.outcome) by \(temperature)")
      page.add(chart(of: trend))
      page.add(
        ReportPage.Table(
          columns: [temperature, "mean", "95 %", "largest in"],
          rows: trend.rows.map { row in
            [
              NumberFormat.significant(row.temperature), Self.short(row.mean),
              Self.short(row.interval),
              row.share.value.isFinite
                ? NumberFormat.percent(row.share.value, decimals: 0) + " of the draws" : "",
            ]
          }))
    }
    page.addHeading("Measures and test accuracy")
    page.add(
      ReportPage.Table(
        columns: ["measure", "cells", "Spearman", "95 %"],
        rows: correlations.map {
          [
            $0.measure, "\($0.cells)", Self.short($0.spearman.value), Self.short($0.interval),
          ]
        }))
    if !predictions.isEmpty {
      page.addHeading("What the phase tells")
      page.addParagraph(
        "R² of cells that were not seen, of \(load) and \(temperature) with squares, of the phase, of both."
      )
      page.add(
        ReportPage.Table(
          columns: ["result", "cells", "columns", "phase", "both", "gain", "95 %"],
          rows: predictions.map {
            [
              $0.outcome, "\($0.cells)", Self.short($0.columns.value), Self.short($0.phase.value),
              Self.short($0.both.value), Self.short($0.gain.value), Self.short($0.gainInterval),
            ]
          }))
    }
    page.addHeading("Cells")
    page.add(cellTable)
    return page
  }

  private var cellTable: ReportPage.Table {
    ReportPage.Table(
      columns: [
        load, temperature, "models", "phase", "sure", "train loss", "connectivity", "similarity",
        "Hessian's trace", "largest eigenvalue", "test accuracy", "reason",
      ],
      rows: cells.map { cell in
        [
          NumberFormat.significant(cell.load), NumberFormat.significant(cell.temperature),
          "\(cell.models)", cell.phase?.rawValue ?? "",
          cell.confidence.map { NumberFormat.percent($0, decimals: 0) } ?? "",
          Self.short(cell.trainLoss), Self.short(cell.connectivity), Self.short(cell.similarity),
          Self.short(cell.hessianTrace), Self.short(cell.hessianTopEigenvalue),
          Self.short(cell.testAccuracy), cell.reason ?? "",
        ]
      })
  }

  private func chart(of trend: Trend) -> LineChart {
    func series(_ name: String, _ style: LineChart.Style, _ value: (Trend.Row) -> Double?)
      -> LineChart.Series
    {
      LineChart.Series(
        name: name,
        points: trend.rows.compactMap { row in
          value(row).map { LineChart.Point(x: row.temperature, y: $0) }
        }, style: style)
    }
    return LineChart(
      title: "\(trend.outcome) by \(temperature)", subtitle: "means over cells, and 95 %",
      panels: [
        LineChart.Panel(
          title: trend.outcome, xLabel: temperature,
          series: [
            series("mean", .lineAndDots) { $0.mean }, series("low", .dots) { $0.interval?.low },
            series("high", .dots) { $0.interval?.high },
          ].filter { !$0.points.isEmpty },
          isLogarithmic: trend.rows.allSatisfy { $0.temperature > 0 })
      ])
  }

  private static func short(_ value: Double?) -> String {
    value.map { $0.isFinite ? NumberFormat.significant($0, digits: 4) : "" } ?? ""
  }

  private static func short(_ interval: Interval?) -> String {
    interval.map { "\(short($0.low)) to \(short($0.high))" } ?? ""
  }
}
