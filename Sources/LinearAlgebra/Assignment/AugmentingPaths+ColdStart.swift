extension AugmentingPaths<Float> {
  /// Starts from the columns' least costs where that helps, when there is nothing to carry over.
  ///
  /// The column reduction of Jonker and Volgenant halves the work on costs that pile up at a floor,
  /// as uniform random ones do, and multiplies it on Gram matrices, whose least costs differ from
  /// column to column because the columns' norms do. So it is used only where the columns' least
  /// costs are level: within a tenth of the distance from the floor to the mean.
  ///
  /// - Complexity: one pass over the costs.
  func reduceLevelColumns(_ costs: UnsafePointer<Float>) {
    let all = 0..<size
    guard all.allSatisfy({ potentials[$0] == potentials[0] }) else { return }
    let least = distances
    least.update(repeating: .infinity, count: size)
    let sampleStride = max(1, size / 32)
    var sum = 0.0
    var sampled = 0
    for row in all {
      let base = costs + row * size
      Self.lower(least, to: base, count: size)
      if row % sampleStride == 0 {
        for column in all { sum += Double(base[column]) }
        sampled += size
      }
    }
    let (floor, highest) = all.reduce((Float.infinity, -Float.infinity)) {
      (min($0.0, least[$1]), max($0.1, least[$1]))
    }
    let height = sum / Double(max(1, sampled)) - Double(floor)
    if Double(highest) - Double(floor) <= 0.1 * height {
      potentials.update(from: least, count: size)
    }
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
