import CMerging

/// What TIES has to know of all tensors together.
struct GlobalTrimming: Sendable {
  /// What stays of each model's differences.
  var selections: [SparseRule.Selection]
  /// The sign that a sum of zero counts as: that of most of the elements' sums.
  var zeroSign: Double
}

extension GlobalTrimming {
  /// Finds the largest magnitudes of each model's differences, and the sign of most sums.
  ///
  /// - Parameters:
  ///   - count: how many magnitudes stay.
  ///   - ties: what becomes of magnitudes that are equal to the smallest that stays.
  ///   - weights: what differences are multiplied by before they are added.
  ///   - electsZeros: whether the sign of zeros is looked for, or positive.
  /// - Complexity: O(elements · models), a few passes.
  static func find(
    _ scan: DifferenceScan, keeping count: Int, ties: TieRule = .stay, weights: [Double],
    electsZeros: Bool
  ) throws -> GlobalTrimming {
    let selections = try weights.indices.map { model in
      try selection(
        scan, model: model, ranks: (scan.count - count)..<scan.count, ties: ties)
    }
    let zeroSign = electsZeros ? try sign(scan, selections, weights) : 1
    return GlobalTrimming(selections: selections, zeroSign: zeroSign)
  }

  /// The magnitudes between two ranks.
  ///
  /// - Complexity: a few passes over the elements; two more where equal ones are told apart.
  static func selection(
    _ scan: DifferenceScan, model: Int, ranks: Range<Int>, ties: TieRule = .stay
  ) throws -> SparseRule.Selection {
    if ranks.isEmpty { return .magnitudes(.nothing) }
    if ranks == 0..<scan.count { return .magnitudes(.everything) }
    let isLast = ranks.upperBound == scan.count
    let found = try MagnitudeSelection(scan: scan, model: model).magnitudes(
      at: [ranks.lowerBound] + (isLast ? [] : [ranks.upperBound - 1]))
    var bounds = MagnitudeBounds(lowest: found[0], largest: isLast ? .infinity : found[1])
    if ties != .stay {
      try EqualMagnitudes(scan: scan, model: model).narrow(&bounds, to: ranks, ties: ties)
    }
    return .magnitudes(bounds)
  }

  /// The sign of most of the sums; positive where there are as many of each.
  static func sign(
    _ scan: DifferenceScan, _ selections: [SparseRule.Selection], _ weights: [Double]
  ) throws -> Double {
    let rule = SparseRule(
      selections: selections, weights: weights, combination: .sum, scale: 1)
    let sums = try scan.map { tensor, range, workspace in
      var sum: Int64 = 0
      let wanted = Array(0...tensor.modelCount)
      try tensor.forEachBlock(of: range, wanted: wanted, in: workspace) { first, count in
        guard rule.select(at: first, Int64(count), in: workspace) else {
          throw tensor.notFinite(at: first, count: count, wanted: wanted)
        }
        rule.weighTotals(Int64(count), in: workspace)
        sum += wsl_sum_signs(workspace.spare(1), Int64(count))
      }
      return sum
    }
    return sums.reduce(0, +) < 0 ? -1 : 1
  }
}
