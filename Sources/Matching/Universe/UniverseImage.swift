import ModelGraph

/// A network's tensor as the universe sees it: mixed by the network's doubly stochastic matrices.
struct UniverseImage: Sendable {
  /// All permuted axes mixed.
  private(set) var whole: [Float]
  /// For each permuted axis, the tensor with all others mixed.
  private(set) var halves: [[Float]]

  /// At permutations.
  init(_ tensor: UniverseTensor, _ values: [Float], at permutations: [[Int]]) {
    self.init(tensor, values) { tensor.gathered($0, along: $1, permutations) }
  }

  /// At the barycentre, where every unit is in every place alike.
  init(_ tensor: UniverseTensor, _ values: [Float], atBarycentreOf groups: [PermutationGroup]) {
    self.init(tensor, values) { tensor.averaged($0, along: $1, groups) }
  }

  private init(_ tensor: UniverseTensor, _ values: [Float], mix: ([Float], Int) -> [Float]) {
    if tensor.axes.count == 2 {
      halves = [mix(values, 1), mix(values, 0)]
      whole = mix(halves[0], 0)
    } else {
      halves = [values]
      whole = mix(values, 0)
    }
  }

  /// On the way to permutations the whole is `(1−t)²·start + t(1−t)·across + t²·end`.
  struct Ahead: Sendable {
    let across: [Float]
    let end: [Float]
    /// The halves at the permutations.
    let halves: [[Float]]
  }

  /// What a step to permutations leads to.
  ///
  /// - Parameter values: the tensor as it is in the file.
  /// - Complexity: O(elements).
  func ahead(_ tensor: UniverseTensor, _ values: [Float], to permutations: [[Int]]) -> Ahead {
    func gathered(_ values: [Float], _ place: Int) -> [Float] {
      tensor.gathered(values, along: place, permutations)
    }
    guard tensor.axes.count == 2 else {
      let end = gathered(values, 0)
      return Ahead(across: combined(whole, end, +), end: end, halves: [values])
    }
    let ends = [gathered(values, 1), gathered(values, 0)]
    return Ahead(
      across: combined(gathered(halves[0], 0), gathered(halves[1], 1), +),
      end: gathered(ends[0], 0), halves: ends)
  }

  /// Goes a part of the way.
  mutating func move(_ ahead: Ahead, by share: Float) {
    let (start, across, end) = ((1 - share) * (1 - share), share * (1 - share), share * share)
    combine(&whole, with: ahead.across) { start * $0 + across * $1 }
    combine(&whole, with: ahead.end) { $0 + end * $1 }
    for place in halves.indices {
      combine(&halves[place], with: ahead.halves[place]) { $0 + share * ($1 - $0) }
    }
  }
}
