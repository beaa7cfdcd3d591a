extension AugmentingPaths<Float> {
  /// Starts from the columns' least costs where that helps, when there is nothing to carry over.
  ///
  /// The column reduction of Jonker and Volgenant halves the work on costs that pile up at a floor,
  /// as uniform random ones do, and multiplies it on Gram matrices, whose least costs differ from
  /// column to column because the columns' norms do. So it is used only where the columns' least
  /// costs are level: within a tenth of the distance from the floor to the mean.
  ///
  /// - Complexity: one pass over the costs.
  mutating func reduceLevelColumns(_ costs: UnsafePointer<Float>) {
    guard let first = potentials.first, potentials.allSatisfy({ $0 == first }) else { return }
    var least = Array(repeating: Float.infinity, count: size)
    let sampleStride = max(1, size / 32)
    var sum = 0.0
    var sampled = 0
    least.withUnsafeMutableBufferPointer { least in
      guard let least = least.baseAddress else { return }
      for row in 0..<size {
        let base = costs + row * size
        Self.lower(least, to: base, count: size)
        if row % sampleStride == 0 {
          for column in 0..<size { sum += Double(base[column]) }
          sampled += size
        }
      }
    }
    guard let floor = least.min(), let highest = least.max() else { return }
    let height = sum / Double(max(1, sampled)) - Double(floor)
    if Double(highest) - Double(floor) <= 0.1 * height { potentials = least }
  }

  /// Takes the elementwise minimum; a compare and a select, which vectorise, where `min` would not.
  private static func lower(
    _ values: UnsafeMutablePointer<Float>, to others: UnsafePointer<Float>, count: Int
  ) {
    var index = 0
    while index < count {
      let other = others[index]
      let value = values[index]
      values[index] = other < value ? other : value
      index &+= 1
    }
  }
}
