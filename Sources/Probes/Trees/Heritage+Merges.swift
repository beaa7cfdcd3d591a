import LinearAlgebra

extension Heritage {
  /// How much longer than straight the way between two models over a third one may be, as a share of it:
  /// a seventieth of the way beside the middle is 0.0004. Rounding to Float32 stays far below.
  private static let detour = 1e-4
  /// The least share of the way between two models at which a mean of them lies from either.
  private static let leastShare = 0.02
  /// The most models of a group among which pairs are looked for.
  public static let mostSearched = 1000

  /// Which models of a group are a weighted mean of two others: they lie straight between them. Where one
  /// of the two is the root, it may as well be half of the way to a fine-tune, and is none.
  ///
  /// - Parameters:
  ///   - distances: of the group's models.
  ///   - root: what is the root where there is no mean of two.
  /// - Returns: the root, and the two of each mean, the nearer first.
  /// - Complexity: O(n³) for n models, and nothing beyond `mostSearched`.
  static func merges(
    _ distances: Matrix<Double>, sums: [Double], root: Int
  ) -> (root: Int, parents: [Int: [Int]]) {
    let count = distances.rows
    guard (4...mostSearched).contains(count) else { return (root, [:]) }
    var pairs: [Int: [[Int]]] = [:]
    let values = distances.values
    for first in 0..<count {
      for second in first + 1..<count {
        let whole = values[first * count + second]
        guard whole > 0 else { continue }
        for middle in 0..<count where middle != first && middle != second {
          let (one, other) = (values[first * count + middle], values[second * count + middle])
          if one + other <= (1 + detour) * whole, min(one, other) > leastShare * whole {
            pairs[middle, default: []].append(one <= other ? [first, second] : [second, first])
          }
        }
      }
    }
    guard !pairs.isEmpty else { return (root, [:]) }
    let candidates = (0..<count).filter { pairs[$0] == nil }
    guard let better = candidates.min(by: { sums[$0] < sums[$1] }) else { return (root, [:]) }
    // The pair that lies nearest together, as what is between others may be between these, too.
    let parents = pairs.compactMapValues { all in
      all.filter { !$0.contains(better) }.min {
        distances[$0[0], $0[1]] < distances[$1[0], $1[1]]
      }
    }
    return parents.isEmpty ? (root, [:]) : (better, parents)
  }
}
