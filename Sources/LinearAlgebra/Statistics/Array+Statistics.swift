extension Array where Element == Double {
  /// The mean; nil of none.
  ///
  /// - Complexity: O(count), summed in order.
  package var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }

  /// The quantile of sorted numbers at a share from 0 to 1, between neighbours by their distance (type 7 of
  /// Hyndman and Fan 1996, as NumPy's); nil of none.
  ///
  /// - Complexity: O(1).
  package func sortedQuantile(_ share: Double) -> Double? {
    guard let last = indices.last else { return nil }
    let place = share * Double(last)
    let below = Swift.min(last, Int(place))
    let above = Swift.min(last, below + 1)
    return self[below] + (place - Double(below)) * (self[above] - self[below])
  }
}
