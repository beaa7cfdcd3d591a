import Foundation
import LinearAlgebra
import Reports
import ZooIndex

/// Two columns of the models that a filter takes, and how they go together.
struct ColumnPair {
  /// The most dots that are drawn.
  static let dotLimit = 2000

  /// How two lists of numbers go together.
  struct Row {
    var name: String
    var count: Int
    var pearson: Correlation?
    var spearman: Correlation?
  }

  private let xAxis: ScatterChart.Axis
  private let yAxis: ScatterChart.Axis
  private let color: String?
  private let dots: [(name: String, x: Double, y: Double)]
  private let grouping: Grouping
  /// The models that have no number in one of the columns, or none that a logarithm is of.
  let leftOut: Int
  /// How many dots there are.
  var count: Int { dots.count }

  /// Gathers the numbers.
  init(_ choice: ScatterChoice, in index: ServedIndex) throws {
    xAxis = ScatterChart.Axis(choice.x, isLogarithmic: choice.xIsLogarithmic)
    yAxis = ScatterChart.Axis(choice.y, isLogarithmic: choice.yIsLogarithmic)
    color = choice.color
    let rows = try index.rows(
      ["name", choice.x, choice.y] + (choice.color.map { [$0] } ?? []), where: choice.filter)
    func holds(_ value: IndexValue, _ axis: ScatterChart.Axis) -> Double? {
      guard let number = value.number, abs(number) < 1e300, !axis.isLogarithmic || number > 0
      else { return nil }
      return number
    }
    var dots: [(name: String, x: Double, y: Double)] = []
    var colors: [IndexValue] = []
    for row in rows {
      guard let x = holds(row[1], xAxis), let y = holds(row[2], yAxis) else { continue }
      dots.append((row[0].text, x, y))
      colors.append(row.count > 3 ? row[3] : .null)
    }
    self.dots = dots
    leftOut = rows.count - dots.count
    grouping = choice.color == nil ? Grouping(single: dots.count) : Grouping(colors)
  }

  /// The correlations of all, then of each group.
  var correlations: [Row] {
    let groups = grouping.names.count > 1 ? Array(grouping.names.indices) : []
    return [correlation("all", dots.indices.map { $0 })]
      + groups.map { group in
        correlation(
          grouping.names[group], dots.indices.filter { grouping.places[$0] == group })
      }
  }

  private func correlation(_ name: String, _ places: [Int]) -> Row {
    let x = places.map { xAxis.isLogarithmic ? log10(dots[$0].x) : dots[$0].x }
    let y = places.map { yAxis.isLogarithmic ? log10(dots[$0].y) : dots[$0].y }
    return Row(
      name: name, count: places.count, pearson: .pearson(x, y), spearman: .spearman(x, y))
  }

  /// The figure.
  func chart() -> ScatterChart {
    // Every so many, in the order of the table, so that each group keeps its share.
    let step = max(1, (dots.count + Self.dotLimit - 1) / Self.dotLimit)
    var groups = grouping.names.map { ScatterChart.Group(name: $0, dots: []) }
    for place in stride(from: 0, to: dots.count, by: step) {
      let dot = dots[place]
      groups[grouping.places[place]].dots.append(
        ScatterChart.Dot(
          name: dot.name, x: dot.x, y: dot.y, link: ModelPage.address(dot.name)))
    }
    let drawn = groups.reduce(0) { $0 + $1.dots.count }
    let share =
      drawn < dots.count
      ? "\(PageNumber.count(drawn)) of \(PageNumber.count(dots.count)) models are drawn"
      : "\(PageNumber.count(dots.count)) models"
    return ScatterChart(
      title: "\(yAxis.label) against \(xAxis.label)",
      subtitle: share + (color.map { "; colour and form: \($0)" } ?? ""), x: xAxis, y: yAxis,
      groups: groups)
  }

  /// The figure with all models, for its numbers.
  func wholeTable() -> String {
    let groups = grouping.names.enumerated().map { group, name in
      ScatterChart.Group(
        name: name,
        dots: dots.indices.filter { grouping.places[$0] == group }.map {
          ScatterChart.Dot(name: dots[$0].name, x: dots[$0].x, y: dots[$0].y)
        })
    }
    return ScatterChart(title: "", subtitle: "", x: xAxis, y: yAxis, groups: groups).csv()
  }
}
