/// What becomes of differences whose magnitude is that of the smallest or the largest that stays.
enum TieRule: Sendable, Hashable {
  /// They stay together: more than were asked for.
  case stay
  /// Exactly as many stay as were asked for: of equal ones the first in order, as after a stable
  /// sort in falling order.
  case firstStay
  /// Exactly as many; of equal ones the first in order have the lower rank, as after a stable sort in
  /// rising order.
  case firstAreLower
}

/// Which of one tensor's differences of equal magnitude are within some ranks, without sorting them.
struct EqualMagnitudes {
  /// The differences of one tensor.
  let scan: DifferenceScan
  /// Whose.
  let model: Int

  /// Sets the places within which differences as large as the bounds stay.
  ///
  /// - Complexity: one pass over the elements for each bound, and one over a piece of them.
  func narrow(_ bounds: inout MagnitudeBounds, to ranks: Range<Int>, ties: TieRule) throws {
    // Of zeros it makes no difference which stay.
    if bounds.lowest > 0 {
      let equals = try count(bounds.lowest)
      let left = equals.below + equals.count - ranks.lowerBound
      if ties == .firstStay {
        bounds.lowestPlaces = 0..<(try place(ofEqual: left - 1, equals, bounds.lowest) + 1)
      } else if left < equals.count {
        bounds.lowestPlaces =
          try place(ofEqual: equals.count - left, equals, bounds.lowest)..<Int.max
      }
    }
    if bounds.largest.isFinite, bounds.largest > 0 {
      let equals = try count(bounds.largest)
      let last = ranks.upperBound - 1 - equals.below
      bounds.largestPlaces = 0..<(try place(ofEqual: last, equals, bounds.largest) + 1)
    }
  }

  private struct Equals {
    /// How many magnitudes are smaller.
    var below: Int
    /// How many are equal: in each piece of the tensor, in order.
    var pieces: [(range: Range<Int>, count: Int)]
    var count: Int { pieces.reduce(0) { $0 + $1.count } }
  }

  private func count(_ magnitude: Double) throws -> Equals {
    let parts = try scan.map { tensor, range, workspace in
      var (below, count) = (0, 0)
      try tensor.forEachDifference(of: model, range, in: workspace) { _, values in
        for value in values {
          below += value.magnitude < magnitude ? 1 : 0
          count += value.magnitude == magnitude ? 1 : 0
        }
      }
      return (range: range, below: below, count: count)
    }
    return Equals(
      below: parts.reduce(0) { $0 + $1.below }, pieces: parts.map { ($0.range, $0.count) })
  }

  /// The place in the tensor of one of the equal magnitudes, counted from 0 in order.
  private func place(ofEqual number: Int, _ equals: Equals, _ magnitude: Double) throws -> Int {
    var left = number
    for piece in equals.pieces {
      guard left >= piece.count else {
        return try place(ofEqual: left, in: piece.range, magnitude)
      }
      left -= piece.count
    }
    return equals.pieces.last?.range.upperBound ?? 0
  }

  private func place(
    ofEqual number: Int, in range: Range<Int>, _ magnitude: Double
  ) throws -> Int {
    let tensor = try scan.tensors[0]()
    var (left, place) = (number, range.upperBound)
    try tensor.pool.withWorkspace { workspace in
      try tensor.forEachDifference(of: model, range, in: workspace) { first, values in
        guard left >= 0 else { return }
        for (index, value) in values.enumerated() where value.magnitude == magnitude {
          if left == 0 { place = first + index }
          left -= 1
          if left < 0 { return }
        }
      }
    }
    return place
  }
}
