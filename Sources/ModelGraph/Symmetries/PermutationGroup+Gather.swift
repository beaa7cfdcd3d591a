extension PermutationGroup.Member {
  /// For every entry of an axis, the entry that it takes its values from when `permutation` is
  /// applied: unit `permutation[i]` is put in place `i`. Entries of no unit stay.
  ///
  /// - Complexity: O(axis length).
  public func gatherIndices(axisLength: Int, permutation: [Int]) -> [Int] {
    var indices = Array(0..<axisLength)
    for run in runs {
      for (place, unit) in permutation.enumerated() {
        for offset in 0..<run.width {
          indices[run.start + place * run.width + offset] = run.start + unit * run.width + offset
        }
      }
    }
    return indices
  }
}
