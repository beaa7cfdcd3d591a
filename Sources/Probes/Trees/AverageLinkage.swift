public import LinearAlgebra

/// Groups of models by their distances: average linkage (UPGMA), by the nearest-neighbour chain
/// (Murtagh 1983), cut where the height of joins rises most.
public struct AverageLinkage: Sendable {
  /// A join of two groups.
  struct Join {
    var first: Int
    var second: Int
    var height: Double
  }

  private let count: Int
  /// The joins, by height.
  let joins: [Join]

  /// Joins all points.
  ///
  /// - Parameter distances: symmetric, zero on the diagonal.
  /// - Complexity: O(n²) time, n² numbers of memory.
  public init(_ distances: Matrix<Double>) {
    let count = distances.rows
    self.count = count
    var own = distances.values
    var sizes = [Double](repeating: 1, count: count)
    var isOpen = [Bool](repeating: true, count: count)
    var joins: [Join] = []
    var chain: [Int] = []
    var left = count
    while left > 1 {
      if chain.isEmpty { chain.append(isOpen.firstIndex(of: true) ?? 0) }
      while true {
        let last = chain[chain.count - 1]
        let before = chain.count > 1 ? chain[chain.count - 2] : -1
        // The one before wins a tie, so that the chain ends.
        var (nearest, least) = (before, before >= 0 ? own[last * count + before] : .infinity)
        for other in 0..<count
        where isOpen[other] && other != last && own[last * count + other] < least {
          (nearest, least) = (other, own[last * count + other])
        }
        if nearest == before || nearest < 0 { break }
        chain.append(nearest)
      }
      let (one, other) = (chain.removeLast(), chain.removeLast())
      let (kept, gone) = (min(one, other), max(one, other))
      joins.append(Join(first: kept, second: gone, height: own[kept * count + gone]))
      let total = sizes[kept] + sizes[gone]
      for place in 0..<count where isOpen[place] && place != kept && place != gone {
        let height =
          (sizes[kept] * own[kept * count + place] + sizes[gone] * own[gone * count + place])
          / total
        own[kept * count + place] = height
        own[place * count + kept] = height
      }
      sizes[kept] = total
      isOpen[gone] = false
      left -= 1
    }
    self.joins = joins.sorted { $0.height < $1.height }
  }

  /// The groups where joins above a height are left out: for each point the number of its group, in the
  /// order of first points.
  public func groups(below height: Double) -> [Int] {
    var parent = Array(0..<count)
    func root(_ point: Int) -> Int {
      var point = point
      while parent[point] != point { point = parent[point] }
      return point
    }
    for join in joins where join.height <= height {
      let (one, other) = (root(join.first), root(join.second))
      parent[max(one, other)] = min(one, other)
    }
    var numbers: [Int: Int] = [:]
    return (0..<count).map { point in
      let top = root(point)
      let number = numbers[top] ?? numbers.count
      numbers[top] = number
      return number
    }
  }

  /// The height at which to cut: in the widest gap, as a ratio, between the heights of successive joins
  /// in the upper half; infinite (one group) where none is wider than `ratio`.
  public func widestGap(ratio: Double = 2) -> Double {
    guard joins.count > 1 else { return .infinity }
    var best = (ratio: ratio, height: Double.infinity)
    for at in joins.count / 2..<joins.count {
      let (below, above) = (at > 0 ? joins[at - 1].height : 0, joins[at].height)
      guard below > 0 else { continue }
      if above / below >= best.ratio {
        best = (above / below, (below * above).squareRoot())
      }
    }
    return best.height
  }
}
