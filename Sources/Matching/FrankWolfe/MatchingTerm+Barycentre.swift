import ModelGraph

extension MatchingTerm {
  /// B's tensor when every unit of every other group is the mean of all: what the relaxed problem
  /// sees at the barycentre of the permutations.
  ///
  /// - Complexity: O(elements).
  func atBarycentre(_ groups: [PermutationGroup]) -> [Float] {
    var result = b
    for (length, stride, influences) in axes {
      for influence in influences {
        influence.member.averageUnits(
          of: &result, axisLength: length, stride: stride,
          count: groups[influence.group].size)
      }
    }
    return result
  }
}

extension PermutationGroup.Member {
  /// Replaces every unit of an axis by the mean of all.
  ///
  /// - Parameters:
  ///   - values: a tensor's elements.
  ///   - axisLength: the number of the axis's entries.
  ///   - stride: the distance of the axis's entries.
  ///   - count: the number of units.
  /// - Complexity: O(elements).
  func averageUnits(of values: inout [Float], axisLength: Int, stride: Int, count: Int) {
    let outer = values.count / max(1, axisLength * stride)
    values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress, count > 0 else { return }
      for run in runs {
        let stretch = run.width * stride
        var sums = Array(repeating: 0.0, count: stretch)
        for index in 0..<outer {
          let first = base + (index * axisLength + run.start) * stride
          for element in 0..<stretch { sums[element] = 0 }
          for unit in 0..<count {
            let from = first + unit * stretch
            for element in 0..<stretch { sums[element] += Double(from[element]) }
          }
          for unit in 0..<count {
            let to = first + unit * stretch
            for element in 0..<stretch { to[element] = Float(sums[element] / Double(count)) }
          }
        }
      }
    }
  }
}
