public import ModelGraph
import Support
public import Tensors

extension AlignmentComparison {
  /// Searches for a permutation and decomposes kernels at the same time: singular vectors do not
  /// depend on it, and a search leaves processors idle. The result is that of searching first.
  ///
  /// Kernels are decomposed beside the search as long as their vectors fit into 64 MiB together, the
  /// others after it.
  ///
  /// - Parameters:
  ///   - kernels: what is decomposed.
  ///   - groups: the axes that move together.
  ///   - jobs: how many kernels are decomposed at once, the search counting as one.
  ///   - search: finds the permutation.
  ///   - permutations: one a group, of what was found.
  /// - Throws: what the search throws, or else as `init`.
  public static func beside<Found: Sendable>(
    _ a: Weights, _ b: Weights, kernels: [LayerAlignment.Kernel], of groups: [PermutationGroup],
    jobs: Int? = nil, search: @Sendable () throws -> Found, permutations: (Found) -> [[Int]]
  ) throws -> (found: Found, comparison: AlignmentComparison) {
    let early = earlyKernels(kernels, shapes: a.mapValues(\.shape))
    // The search is the first item, so its error comes before those of decompositions.
    let parts = try Parallel.map(count: 1 + 2 * early.count, jobs: jobs) { index -> Part<Found> in
      if index == 0 { return .found(try search()) }
      let kernel = kernels[early[(index - 1) / 2]]
      return .network(
        try DecomposedNetwork(index % 2 == 1 ? a : b, kernels: [kernel], jobs: 1))
    }
    let networks = parts.compactMap(\.network)
    guard let found = parts.first?.found, networks.count == 2 * early.count else {
      throw Diagnostic(.failed, "a search ended without a result")
    }
    let pairs = early.indices.map { (early[$0], (a: networks[2 * $0], b: networks[2 * $0 + 1])) }
    let comparison = try AlignmentComparison(
      a, b, kernels: kernels, permutations: permutations(found), of: groups, jobs: jobs,
      decomposed: Dictionary(uniqueKeysWithValues: pairs))
    return (found, comparison)
  }

  /// The kernels whose vectors of both networks fit into memory together, the first ones first.
  private static func earlyKernels(
    _ kernels: [LayerAlignment.Kernel], shapes: [String: [Int]]
  ) -> [Int] {
    var rest = 64 << 20
    return kernels.indices.filter { index in
      let cost = byteCount(shapes[kernels[index].tensor] ?? [], kernels[index].outputAxis)
      guard cost <= rest else { return false }
      rest -= cost
      return true
    }
  }
}

/// What one item of the parallel work brings.
private enum Part<Found: Sendable>: Sendable {
  case found(Found)
  case network(DecomposedNetwork)

  var found: Found? {
    if case .found(let found) = self { found } else { nil }
  }

  var network: DecomposedNetwork? {
    if case .network(let network) = self { network } else { nil }
  }
}
