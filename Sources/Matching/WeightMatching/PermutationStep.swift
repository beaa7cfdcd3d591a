/// The choice between a group's permutation and a proposed one, by the true objective in Float64.
struct PermutationStep {
  let problem: MatchingProblem
  let group: Int
  /// Where B's features begin, for each term, at the current permutations.
  let sources: [[Int]]

  /// The proposal, or the part of it that improves the objective by more than a threshold, or nil.
  ///
  /// A tensor with the group on two axes makes the objective quadratic; the assignment then only
  /// knows its slope, and the whole step may overshoot. Its cycles are then tried one by one.
  func accepted(_ proposal: [Int], _ permutations: [[Int]], threshold: Double) -> [Int]? {
    let current = permutations[group]
    if gain(from: current, to: proposal, permutations) > threshold { return proposal }
    guard problem.terms[group].contains(where: \.isTied) else { return nil }
    var best = current
    for cycle in Self.cycles(from: current, to: proposal) {
      var candidate = best
      for place in cycle { candidate[place] = proposal[place] }
      if gain(from: best, to: candidate, permutations) > threshold { best = candidate }
    }
    return best == current ? nil : best
  }

  /// By how much the inner product of A with the permuted B grows.
  ///
  /// - Complexity: O(features·changed units), and O(elements) of tied tensors.
  func gain(from old: [Int], to new: [Int], _ permutations: [[Int]]) -> Double {
    let changed = old.indices.filter { old[$0] != new[$0] }
      .map { (place: $0, before: old[$0], after: new[$0]) }
    guard !changed.isEmpty else { return 0 }
    var gain = 0.0
    var tied: Set<String> = []
    for (term, sources) in zip(problem.terms[group], sources) {
      if term.isTied {
        tied.insert(term.tensor)
      } else {
        gain += Self.gain(term, sources, changed)
      }
    }
    for tensor in tied.sorted() {
      var permutations = permutations
      permutations[group] = old
      let before = problem.innerProduct(tensor, permutations)
      permutations[group] = new
      gain += problem.innerProduct(tensor, permutations) - before
    }
    return gain
  }

  /// What one term adds to the gain.
  private static func gain(
    _ term: MatchingTerm, _ sources: [Int], _ changed: [(place: Int, before: Int, after: Int)]
  ) -> Double {
    let stride = term.unitStride
    var gain = 0.0
    term.a.withUnsafeBufferPointer { a in
      term.b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        if stride == 1 {
          for (feature, source) in zip(term.features, sources) {
            let (a, b) = (a + feature, b + source)
            var sum = 0.0
            for (place, before, after) in changed {
              sum += Double(a[place]) * (Double(b[after]) - Double(b[before]))
            }
            gain += sum
          }
          return
        }
        for (place, before, after) in changed {
          let (a, old, new) = (a + place * stride, b + before * stride, b + after * stride)
          var sum = 0.0
          for (feature, source) in zip(term.features, sources) {
            sum += Double(a[feature]) * (Double(new[source]) - Double(old[source]))
          }
          gain += sum
        }
      }
    }
    return gain
  }

  /// The sets of places that exchange units among themselves, each alone a permutation; largest
  /// first.
  static func cycles(from old: [Int], to new: [Int]) -> [[Int]] {
    let placeOf = Permuting.inverse(old)
    var seen = Array(repeating: false, count: old.count)
    var cycles: [[Int]] = []
    for start in old.indices where !seen[start] && old[start] != new[start] {
      var cycle: [Int] = []
      var place = start
      while !seen[place] {
        seen[place] = true
        cycle.append(place)
        place = placeOf[new[place]]
      }
      cycles.append(cycle)
    }
    return cycles.enumerated().sorted {
      ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
    }.map(\.element)
  }
}
