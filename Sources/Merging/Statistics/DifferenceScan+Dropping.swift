import CMerging

extension DifferenceScan {
  /// The sum of the magnitudes of a model's differences, divided by that of what chance leaves of them; 1
  /// where one of the two is next to nothing, as mergekit has it.
  ///
  /// - Complexity: one pass over the elements.
  func l1Ratio(of model: Int, key: UInt64, threshold: UInt64) throws -> Double {
    let parts = try map { tensor, range, workspace in
      var sums = (before: 0.0, after: 0.0)
      try tensor.forEachDifference(of: model, range, in: workspace) { first, values in
        let count = Int64(values.count)
        sums.before += wsl_sum_magnitudes(values.baseAddress, count)
        wsl_drop_by_chance(values.baseAddress, key, Int64(first), threshold, 1, count)
        sums.after += wsl_sum_magnitudes(values.baseAddress, count)
      }
      return sums
    }
    let (before, after) = parts.reduce((0, 0)) { ($0.0 + $1.before, $0.1 + $1.after) }
    return before >= 1e-7 && after >= 1e-7 ? before / after : 1
  }
}
