import ModelGraph

extension MatchingTerm {
  /// B's matrix when every unit of every other group is the mean of all: what the relaxed problem
  /// sees at the barycentre of the permutations.
  ///
  /// - Complexity: O(elements).
  func featuresAtBarycentre(_ groups: [PermutationGroup]) -> [Float] {
    guard featureCount > 0 else { return b }
    let units = b.count / featureCount
    var result = b
    var outer = blockCount
    var inner = featureCount / max(1, blockCount) * units
    for (length, influences) in axes {
      inner /= max(1, length)
      for influence in influences {
        let count = groups[influence.group].size
        for run in influence.member.runs {
          for index in 0..<outer {
            Self.average(
              &result, from: (index * length + run.start) * inner, count: count,
              stretch: run.width * inner)
          }
        }
      }
      outer *= length
    }
    return result
  }

  /// Replaces `count` consecutive stretches by their mean.
  static func average(
    _ values: inout [Float], from start: Int, count: Int, stretch: Int
  ) {
    values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress.map({ $0 + start }), count > 0 else { return }
      var sums = Array(repeating: 0.0, count: stretch)
      for unit in 0..<count {
        let from = base + unit * stretch
        for index in 0..<stretch { sums[index] += Double(from[index]) }
      }
      for unit in 0..<count {
        let to = base + unit * stretch
        for index in 0..<stretch { to[index] = Float(sums[index] / Double(count)) }
      }
    }
  }
}
