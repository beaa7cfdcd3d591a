public import ModelGraph
import Support
public import Tensors

/// R of two networks before and after a permutation, and how far their singular values differ:
/// `LayerAlignment` kernel by kernel. The singular vectors of a kernel, several times as large as the
/// kernel itself, are given up before the next kernel is decomposed.
public struct AlignmentComparison: Sendable {
  /// R for each of `LayerAlignment.standardThresholds`, of A and B as it is; nil where no vector is
  /// kept.
  public let before: [Double?]
  /// The same of A and the permuted B.
  public let after: [Double?]
  /// For each kernel `‖sᵃ − sᵇ‖ / ‖sᵃ‖` of the singular values; nil where A's are all zero.
  public let singularValueDifferences: [(tensor: String, difference: Double?)]

  /// Compares two networks.
  ///
  /// - Parameters:
  ///   - kernels: what is decomposed.
  ///   - permutations: one a group.
  ///   - groups: the axes that move together.
  ///   - jobs: how many kernels are decomposed at once.
  /// - Throws: `Diagnostic(.badData)` as `LayerAlignment.init`.
  /// - Complexity: two singular value decompositions and two matrix products a kernel.
  public init(
    _ a: Weights, _ b: Weights, kernels: [LayerAlignment.Kernel], permutations: [[Int]],
    of groups: [PermutationGroup], jobs: Int? = nil
  ) throws {
    try self.init(
      a, b, kernels: kernels, permutations: permutations, of: groups, jobs: jobs, decomposed: [:])
  }

  /// Compares networks, of whose kernels some are decomposed already: A's and B's, by the kernel's
  /// place.
  init(
    _ a: Weights, _ b: Weights, kernels: [LayerAlignment.Kernel], permutations: [[Int]],
    of groups: [PermutationGroup], jobs: Int?,
    decomposed: [Int: (a: DecomposedNetwork, b: DecomposedNetwork)]
  ) throws {
    let thresholds = LayerAlignment.standardThresholds
    let shapes = a.mapValues(\.shape)
    let gathers = Permuting.gathers(permutations, of: groups, shapes: shapes)
    let costs = kernels.map { Self.byteCount(shapes[$0.tensor] ?? [], $0.outputAxis) }
    // Small kernels side by side, large ones one after the other.
    let budget = MemoryBudget(byteCount: max(Self.heldByteCount, costs.max() ?? 0))
    let parts = try Parallel.map(count: kernels.count, jobs: jobs) { index in
      try budget.withBytes(costs[index]) {
        let kernel = kernels[index]
        let single =
          try decomposed[index].map { try LayerAlignment($0.a, $0.b, jobs: 1) }
          ?? LayerAlignment(a, b, kernels: [kernel], jobs: 1)
        let layer = single.layers[0]
        let sums = LayerAlignment.sums(layer, [nil, gathers[kernel.tensor]], thresholds)
        return (
          before: sums[0], after: sums[1], difference: layer.singularValueDifference
        )
      }
    }
    before = thresholds.indices.map { threshold in
      LayerAlignment.ratio(parts.map { $0.before[threshold] })
    }
    after = thresholds.indices.map { threshold in
      LayerAlignment.ratio(parts.map { $0.after[threshold] })
    }
    singularValueDifferences = zip(kernels, parts).map { ($0.tensor, $1.difference) }
  }

  /// The comparison of A with B as it is here, and with the changed B of another comparison.
  public func followed(by other: AlignmentComparison) -> AlignmentComparison {
    AlignmentComparison(
      before: before, after: other.before,
      singularValueDifferences: other.singularValueDifferences)
  }

  private init(
    before: [Double?], after: [Double?],
    singularValueDifferences: [(tensor: String, difference: Double?)]
  ) {
    self.before = before
    self.after = after
    self.singularValueDifferences = singularValueDifferences
  }

  /// How much the decompositions that are under way may take together, where one does not take more.
  private static let heldByteCount = 128 << 20

  /// About what decomposing a kernel of both networks takes: vectors of one in Float32, and the work
  /// on the other in Float64.
  static func byteCount(_ shape: [Int], _ outputAxis: Int) -> Int {
    guard shape.indices.contains(outputAxis) else { return 0 }
    let elements = shape.reduce(1, *)
    let rows = shape[outputAxis]
    let shorter = min(rows, elements / max(1, rows))
    return 12 * elements + 20 * shorter * shorter
  }
}
