public import LinearAlgebra

/// Which models descend from which, from their weights alone, after MoTHer (Horwitz et al.,
/// "Unsupervised Model Tree Heritage Recovery"): models are grouped by distance; in each group a minimum
/// arborescence of distances joins them, with a fee on edges against the direction in which kurtosis
/// changes.
///
/// Two things are decided by the data and not assumed: the root is the model with the least sum of
/// distances, as the fine-tunes of one root are farther from each other than from it; and kurtosis says
/// a direction only where at least seven in ten models lie on one side of the root's.
///
/// Siblings that share a drift are nearer to each other than to their parent, which the paper's cost
/// takes for descent. What descends from a model goes on from it, a sibling turns back: the way from the
/// root to a parent and the way on to its child make no acute angle. On the digits trees true edges had
/// cosines from 0.1 up, pairs of siblings from −0.16 down.
public struct Heritage: Sendable {
  /// An edge from a model to the one that it descends from.
  public struct Edge: Sendable, Hashable {
    /// The model.
    public var child: Int
    /// Its parent.
    public var parent: Int
    /// The distance of the two.
    public var distance: Double
    /// The two models of which it is a weighted mean; empty where it is none.
    public var merged: [Int] = []
    /// How much cheaper this parent is than the next best that does not descend from the child: 0 for
    /// not at all, 1 for the same weights.
    public var score: Double
  }

  /// The group of each model.
  public let groups: [Int]
  /// The root of each group.
  public let roots: [Int]
  /// The edges, by child.
  public let edges: [Edge]
  /// In how many groups kurtosis had a say.
  public let groupsWithDirection: Int

  /// The fee, as a share of the mean distance in the group: lambda of the paper.
  private static let fee = 0.3
  /// The cosine between the way to a parent and the way on from it below which it is none.
  private static let turn = -0.1
  /// The mean cosine below which two groups of models began apart: of independent trainings it is a few hundredths.
  private static let orthogonal = 0.15
  /// The share of models that has to agree on a direction.
  private static let majority = 0.7

  /// Recovers the heritage of models.
  ///
  /// - Parameters:
  ///   - distances: symmetric, zero on the diagonal.
  ///   - kurtosis: the kurtosis of each model's weights, summed over layers.
  ///   - cosines: the cosine of any two models' weights; nil where it is not known. Models that began apart are
  ///     orthogonal, whatever their distances, and are never of one group.
  /// - Complexity: O(n²) for the groups, O(n³) at worst for the arborescence of a group of n.
  public init(
    distances: Matrix<Double>, kurtosis: [Double], cosines: Matrix<Double>? = nil
  ) {
    let linkage = AverageLinkage(distances)
    var groups = linkage.groups(below: linkage.widestGap())
    if let cosines {
      // 1 − cosine; joined up to where two groups are orthogonal on average.
      let angles = Matrix<Double>(rows: cosines.rows, columns: cosines.columns) {
        $0 == $1 ? 0 : max(0, 1 - cosines[$0, $1])
      }
      let apart = AverageLinkage(angles).groups(below: 1 - Self.orthogonal)
      var numbers: [[Int]: Int] = [:]
      groups = zip(groups, apart).map { pair in
        let key = [pair.0, pair.1]
        let number = numbers[key] ?? numbers.count
        numbers[key] = number
        return number
      }
    }
    self.groups = groups
    var (roots, edges, directed): ([Int], [Edge], Int) = ([], [], 0)
    for group in 0..<((groups.max() ?? -1) + 1) {
      let members = groups.indices.filter { groups[$0] == group }
      let own = distances.selecting(rows: members, columns: members)
      let sums = members.indices.map { row in
        members.indices.reduce(0) { $0 + own[row, $1] }
      }
      let (root, means) = Self.merges(
        own, sums: sums, root: sums.indices.min { sums[$0] < sums[$1] } ?? 0)
      roots.append(members[root])
      guard members.count > 1 else { continue }
      let mean = sums.reduce(0, +) / Double(members.count * (members.count - 1))
      let direction = Self.direction(members.map { kurtosis[$0] }, root: root)
      if direction != 0 { directed += 1 }
      let costs = Matrix<Double>(rows: members.count, columns: members.count) { parent, child in
        let change = kurtosis[members[child]] - kurtosis[members[parent]]
        let isTurned = Self.cosine(own, root: root, parent, child) < Self.turn
        // A mean of two descends from them, and neither of them from it.
        let isOther =
          own[parent, child] > 0
          && (means[child].map { !$0.contains(parent) } ?? false
            || means[parent]?.contains(child) == true)
        return own[parent, child] + (change * direction < 0 ? Self.fee * mean : 0)
          + (isTurned ? 2 * mean : 0) + (isOther ? 4 * mean : 0)
      }
      let parents = MinimumArborescence.parents(costs, root: root)
      for (child, parent) in parents.enumerated() where parent >= 0 {
        let descendants = Self.descendants(of: child, parents)
        let others = members.indices.filter { !descendants.contains($0) && $0 != parent }
        let next = others.map { costs[$0, child] }.min()
        let cost = costs[parent, child]
        edges.append(
          Edge(
            child: members[child], parent: members[parent], distance: own[parent, child],
            merged: means[child].map { $0.map { members[$0] } } ?? [],
            score: next.map { $0 > 0 ? max(0, 1 - cost / $0) : 0 } ?? 1))
      }
    }
    self.roots = roots
    self.edges = edges.sorted { $0.child < $1.child }
    groupsWithDirection = directed
  }

  /// 1 where kurtosis grows away from the root, −1 where it falls, 0 where it does not say.
  private static func direction(_ kurtosis: [Double], root: Int) -> Double {
    let others = kurtosis.indices.filter { $0 != root }
    guard others.count >= 5 else { return 0 }
    let needed = majority * Double(others.count)
    if Double(others.count { kurtosis[$0] > kurtosis[root] }) >= needed { return 1 }
    return Double(others.count { kurtosis[$0] < kurtosis[root] }) >= needed ? -1 : 0
  }

  /// The cosine between the way from the root to a model and the way on to another one, from distances;
  /// 0 where one of them has no length.
  private static func cosine(
    _ distances: Matrix<Double>, root: Int, _ parent: Int, _ child: Int
  ) -> Double {
    let (first, second) = (distances[root, parent], distances[parent, child])
    guard first > 0, second > 0 else { return 0 }
    let whole = distances[root, child]
    return (whole * whole - first * first - second * second) / (2 * first * second)
  }

  private static func descendants(of node: Int, _ parents: [Int]) -> Set<Int> {
    var found: Set<Int> = [node]
    var grows = true
    while grows {
      grows = false
      for (child, parent) in parents.enumerated()
      where found.contains(parent) && found.insert(child).inserted { grows = true }
    }
    return found
  }
}

extension LayerGram {
  /// The squares of distances between models, from their inner products.
  public static func squaredDistances(_ gram: Matrix<Double>) -> Matrix<Double> {
    Matrix(rows: gram.rows, columns: gram.rows) {
      $0 == $1 ? 0 : max(0, gram[$0, $0] + gram[$1, $1] - 2 * gram[$0, $1])
    }
  }
}
