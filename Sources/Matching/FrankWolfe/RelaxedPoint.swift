/// A doubly stochastic matrix a group, as a mixture: of the barycentre, where every unit is in every
/// place alike, and of permutations. It takes no more memory than the permutations.
struct RelaxedPoint: Sendable {
  private let sizes: [Int]
  private var barycentreShare = 1.0
  private var parts: [(share: Double, permutations: [[Int]])] = []

  /// The barycentre of permutations of some sizes.
  init(sizes: [Int]) { self.sizes = sizes }

  /// Goes a part of the way to permutations.
  mutating func move(to permutations: [[Int]], by share: Double) {
    barycentreShare *= 1 - share
    for index in parts.indices { parts[index].share *= 1 - share }
    parts.removeAll { $0.share == 0 }
    parts.append((share, permutations))
  }

  /// By how much costs are less at a permutation than at the point.
  ///
  /// - Complexity: O(units·parts), and O(units²) as long as the barycentre has a share.
  func slope(_ costs: [Float], to permutation: [Int], of group: Int) -> Double {
    let size = sizes[group]
    func cost(_ permutation: [Int]) -> Double {
      var sum = 0.0
      for (place, unit) in permutation.enumerated() { sum += Double(costs[place * size + unit]) }
      return sum
    }
    var here = 0.0
    if barycentreShare > 0 {
      here = barycentreShare * costs.reduce(0) { $0 + Double($1) } / Double(max(1, size))
    }
    for part in parts { here += part.share * cost(part.permutations[group]) }
    return here - cost(permutation)
  }

  /// How much of unit j is in place i, row-major.
  func matrix(of group: Int) -> [Float] {
    let size = sizes[group]
    var values = Array(repeating: Float(barycentreShare) / Float(max(1, size)), count: size * size)
    for part in parts {
      for (place, unit) in part.permutations[group].enumerated() {
        values[place * size + unit] += Float(part.share)
      }
    }
    return values
  }
}
