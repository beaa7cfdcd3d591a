import Phases
import Reports
import Support

extension PhasesResult {
  /// The phase that leads in test accuracy, and where further results are largest, a line each.
  var claimTexts: [String] { [leadText].compactMap { $0 } + trends.map(text) }

  private var leadText: String? {
    guard let leading else { return nil }
    var text = "best mean test accuracy: phase \(leading.phase.rawValue)"
    if let share = leading.probabilities[leading.phase.rawValue] {
      text += " (in \(NumberFormat.percent(share, decimals: 0)) of the draws)"
    }
    if let second = leading.second, let lead = leading.lead {
      text +=
        ", \(NumberFormat.significant(lead, digits: 3)) above \(second.rawValue)"
        + Self.range(leading.interval)
    }
    return text
  }

  private static func range(_ interval: Interval?) -> String {
    interval.map {
      " (95 % \(NumberFormat.significant($0.low, digits: 3)) to "
        + "\(NumberFormat.significant($0.high, digits: 3)))"
    } ?? ""
  }

  private func text(_ trend: Trend) -> String {
    var text =
      "\(trend.outcome.escapingControlCharacters) by \(temperature.escapingControlCharacters): Spearman "
      + "\(NumberFormat.fixed(trend.spearman.value, decimals: 3))\(Self.range(trend.interval))"
    if let top = trend.rows.max(by: { $0.mean < $1.mean }) {
      text +=
        "; largest at \(NumberFormat.significant(top.temperature)): "
        + "\(NumberFormat.significant(top.mean, digits: 3))\(Self.range(top.interval))"
      if top.share.value.isFinite {
        text += ", so in \(NumberFormat.percent(top.share.value, decimals: 0)) of the draws"
      }
    }
    return text
  }
}
