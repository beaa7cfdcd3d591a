import Foundation
import Reports
import Spectra

extension SpectrumFigure {
  /// The figures beside the density, by what stands behind the name of their files.
  static let parts = ["ccdf", "distance", "depth", "values"]

  /// All figures of a model's spectra; those that there is nothing for are left out.
  static func figures(_ model: ModelSpectrum, of file: String) -> [(part: String?, any Figure)] {
    let name = (file as NSString).lastPathComponent
    var figures: [(String?, any Figure)] = [(nil, densities(model, name))]
    let tails = rows(model) { layer in
      tailPanel(layer.layer.name, [("eigenvalues", layer)], law: layer.powerLaw)
    }
    figures.append(
      (
        "ccdf",
        LineChart(
          title: "Tails of the spectra of \(name)",
          subtitle: "share of the eigenvalues of WᵀW at and above each, both axes by log₁₀"
            + tails.note, panels: tails.panels, columns: 4)
      ))
    let distances = rows(model, distancePanel)
    if !distances.panels.isEmpty {
      figures.append(
        (
          "distance",
          LineChart(
            title: "Thresholds of the power laws of \(name)",
            subtitle:
              "distance of Kolmogorov and Smirnov D by the threshold x_min, which is by log₁₀"
              + distances.note, panels: distances.panels, columns: 4)
        ))
    }
    if let depth = depth(model, name) { figures.append(("depth", depth)) }
    figures.append(("values", values(model, name)))
    return figures
  }

  /// The first layers' panels, and how many are left out.
  private static func rows(
    _ model: ModelSpectrum, _ panel: (LayerSpectrum) -> LineChart.Panel?
  ) -> (panels: [LineChart.Panel], note: String) {
    let all = model.layers.compactMap(panel)
    let left = all.count - mostPanels
    return (
      Array(all.prefix(mostPanels)), left > 0 ? "; \(left) further layers are not drawn" : ""
    )
  }

  /// The shares of eigenvalues at and above each, with the law from its threshold on.
  static func tailPanel(
    _ title: String, _ spectra: [(name: String, LayerSpectrum)], law: PowerLawFit?
  ) -> LineChart.Panel? {
    var series: [LineChart.Series] = []
    for (name, spectrum) in spectra {
      let values = spectrum.eigenvalues.filter { $0 > 1e-9 * spectrum.largest }
      guard values.count >= 4 else { return nil }
      series.append(.init(name: name, points: tail(values), style: .dots))
    }
    var title = title
    if let law, let first = spectra.first?.1 {
      let count = first.eigenvalues.count { $0 > 1e-9 * first.largest }
      title +=
        "  α = \(NumberFormat.significant(law.alpha, digits: 3)), "
        + "D = \(NumberFormat.significant(law.distance, digits: 2)), n = \(law.tailCount)"
      let (start, end) = (log10(law.threshold), log10(law.maximum))
      let height = log10(Double(law.tailCount) / Double(max(1, count)))
      series.append(
        .init(
          name: "power law",
          points: [
            .init(x: start, y: height),
            .init(x: end, y: height + (1 - law.alpha) * (end - start)),
          ], style: .line))
      let low = log10(1 / Double(max(1, count)))
      series.append(
        .init(
          name: "x_min", points: [.init(x: start, y: low), .init(x: start, y: 0)], style: .line))
    }
    return LineChart.Panel(title: title, xLabel: "log₁₀ λ", series: series)
  }

  /// Points of the complementary distribution: all of the tail, and every so many below.
  private static func tail(_ values: [Double]) -> [LineChart.Point] {
    let count = values.count
    let step = max(1, count / 150)
    return values.indices.filter { count - $0 <= 50 || $0 % step == 0 }.map { place in
      .init(x: log10(values[place]), y: log10(Double(count - place) / Double(count)))
    }
  }

  private static func distancePanel(_ spectrum: LayerSpectrum) -> LineChart.Panel? {
    guard let law = spectrum.powerLaw else { return nil }
    let trials = PowerLawFit.trials(spectrum.eigenvalues.filter { $0 > 1e-9 * spectrum.largest })
    guard trials.count >= 2 else { return nil }
    let place = log10(law.threshold)
    return LineChart.Panel(
      title:
        "\(spectrum.layer.name)  x_min = \(NumberFormat.significant(law.threshold, digits: 3))",
      xLabel: "log₁₀ x_min",
      series: [
        .init(
          name: "D", points: trials.map { .init(x: log10($0.threshold), y: $0.distance) },
          style: .line),
        .init(
          name: "the threshold that was taken",
          points: [.init(x: place, y: 0), .init(x: place, y: law.distance)]),
      ])
  }

  /// α from the first layer to the last.
  private static func depth(_ model: ModelSpectrum, _ name: String) -> LineChart? {
    let points = model.layers.enumerated().compactMap { place, spectrum in
      spectrum.powerLaw.map { LineChart.Point(x: Double(place + 1), y: $0.alpha) }
    }
    guard points.count >= 2 else { return nil }
    let ends = [1, Double(model.layers.count)]
    let bounds = [2.0, 6.0].map { bound in
      LineChart.Series(
        name: bound == 2
          ? "2: below, heavier tails than trained layers have"
          : "6: above, hardly a power law",
        points: ends.map { .init(x: $0, y: bound) }, style: .line)
    }
    return LineChart(
      title: "α by depth of \(name)",
      subtitle: "the power law's exponent of each layer, in the order of the network",
      panels: [
        LineChart.Panel(
          title: "α", xLabel: "layer", series: [.init(name: "α", points: points)] + bounds)
      ])
  }

  /// A row a layer: its singular values from the largest to the smallest.
  private static func values(_ model: ModelSpectrum, _ name: String) -> HeatMap {
    let columns = 40
    let layers = model.layers.filter { $0.largest > 0 && $0.eigenvalues.count >= 2 }
    let shown = layers.prefix(80)
    let rows = shown.map { spectrum -> [Double] in
      let falling = spectrum.eigenvalues.reversed().map {
        max(-4, log10(max(0, $0) / spectrum.largest) / 2)
      }
      return (0..<columns).map { column in
        let place = Double(column) / Double(columns - 1) * Double(falling.count - 1)
        return falling[Int(place.rounded())]
      }
    }
    let left = layers.count - shown.count
    return HeatMap(
      title: "Singular values of \(name)",
      subtitle: "of each layer relative to its largest, by log₁₀, from the largest to the smallest"
        + (left > 0 ? "; \(left) further layers are not drawn" : ""),
      rows: "layer", columns: "place among its singular values in percent", values: "log₁₀ σ/σ max",
      scale: .sequential(-4...0),
      panels: [
        HeatMap.Panel(
          title: "", rows: shown.map(\.layer.name),
          columns: (0..<columns).map {
            "\(Int((100 * Double($0) / Double(columns - 1)).rounded()))"
          },
          values: rows)
      ])
  }
}
