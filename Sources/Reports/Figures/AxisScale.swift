import Foundation

/// A linear scale with round ticks: 1, 2 or 5 times a power of ten apart.
struct AxisScale: Hashable {
  /// The lowest value shown; a tick.
  let lower: Double
  /// The highest value shown; a tick.
  let upper: Double
  /// The distance between ticks.
  let step: Double

  /// The scale that holds all values with about `tickCount` ticks. Values that are not finite, or too
  /// large, are left out; of no values at all, the scale runs from 0 to 1.
  ///
  /// - Parameter minimumStep: the least distance between ticks, a power of ten; 1 keeps the ticks of
  ///   a logarithmic axis at whole powers.
  init(holding values: some Sequence<Double>, tickCount: Int = 5, minimumStep: Double = 0) {
    let finite = values.filter(AxisScale.holds)
    var low = finite.min() ?? 0
    var high = finite.max() ?? 1
    // Below 1e-290 a step between ticks would not be a number above zero.
    if high - low <= max(abs(high) * 1e-12, 1e-290) {
      let margin = abs(low) < 1e-280 ? 1 : abs(low) * 0.1
      low -= margin
      high += margin
    }
    let rough = (high - low) / Double(max(1, tickCount))
    let magnitude = pow(10, floor(log10(rough)))
    let factor = [1, 2, 5, 10].first { $0 * magnitude >= rough * 0.999 } ?? 10
    step = max(minimumStep, factor * magnitude)
    lower = floor(low / step + 1e-9) * step
    upper = ceil(high / step - 1e-9) * step
  }

  /// Whether a value can be on a scale: distances between larger ones would not be finite.
  static func holds(_ value: Double) -> Bool { value.magnitude < 1e300 }

  /// The ticks, lowest first.
  var ticks: [Double] {
    (0...Int(((upper - lower) / step).rounded())).map { lower + Double($0) * step }
  }

  /// Where a value is between the ends: 0 at the lower, 1 at the upper.
  func position(_ value: Double) -> Double { (value - lower) / (upper - lower) }

  /// A tick's label, with the decimals that the step needs.
  func label(_ tick: Double) -> String {
    let decimals = max(0, Int(ceil(-log10(step) - 1e-9)))
    return decimals > 6
      ? NumberFormat.significant(tick, digits: 3) : NumberFormat.fixed(tick, decimals: decimals)
  }
}
