import LinearAlgebra
public import ModelGraph
public import Tensors

/// Permutations of hidden units, applied to weights.
///
/// A permutation is a list with one entry a unit: `permutation[i] = j` puts unit j in place i.
public enum Permuting {
  /// The weights with every group's units in their new places, running statistics too.
  ///
  /// - Parameters:
  ///   - permutations: one for each group, in the order of `groups`.
  ///   - groups: the axes that move together. Members whose tensor is not among the weights are
  ///     passed over.
  ///   - weights: the network's tensors, in their files' axis order.
  /// - Returns: all tensors; those of no group unchanged.
  /// - Complexity: O(elements).
  public static func apply(
    _ permutations: [[Int]], of groups: [PermutationGroup], to weights: Weights
  ) -> Weights {
    precondition(permutations.count == groups.count, "one permutation a group")
    var result = weights
    for (name, gather) in gathers(permutations, of: groups, shapes: weights.mapValues(\.shape)) {
      guard let tensor = weights[name] else { continue }
      result[name] = gather.applied(to: tensor)
    }
    return result
  }

  /// The permutation that undoes another: `inverse(p)[p[i]] = i`.
  ///
  /// - Complexity: O(units).
  public static func inverse(_ permutation: [Int]) -> [Int] {
    var result = permutation
    for (place, unit) in permutation.enumerated() { result[unit] = place }
    return result
  }

  /// A random permutation of every group's units.
  ///
  /// Each group's depends on the seed and on the group's index only.
  public static func random(for groups: [PermutationGroup], seed: UInt64) -> [[Int]] {
    let generator = SeededGenerator(seed: seed)
    return groups.enumerated().map { index, group in
      var own = generator.derived(UInt64(index))
      return own.permutation(count: group.size)
    }
  }

  /// The permutations that change nothing.
  public static func identity(for groups: [PermutationGroup]) -> [[Int]] {
    groups.map { Array(0..<$0.size) }
  }

  /// The sum of squared differences between A and the permuted B, over all tensors with a permuted
  /// axis that are not running statistics, in Float64.
  ///
  /// - Complexity: O(elements).
  public static func squaredDistance(
    _ a: Weights, _ b: Weights, _ permutations: [[Int]], of groups: [PermutationGroup]
  ) -> Double {
    MatchingProblem.objective(a, b, permutations, of: groups)
  }

  /// What moves in each tensor that has a permuted axis.
  static func gathers(
    _ permutations: [[Int]], of groups: [PermutationGroup], shapes: [String: [Int]]
  ) -> [String: AxisGather] {
    var gathers: [String: AxisGather] = [:]
    for (group, permutation) in zip(groups, permutations) {
      precondition(permutation.count == group.size, "a permutation has an entry a unit")
      for member in group.members {
        guard let shape = shapes[member.tensor] else { continue }
        gathers[member.tensor, default: AxisGather(shape: shape)].add(
          member, permutation: permutation)
      }
    }
    return gathers
  }
}

extension AxisGather {
  /// A tensor in its new order.
  func applied(to tensor: Tensor) -> Tensor {
    guard !isIdentity, !tensor.values.isEmpty else { return tensor }
    let values = [Float](unsafeUninitializedCapacity: tensor.values.count) { target, initialized in
      tensor.values.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        copy(from: from, to: to)
        initialized = source.count
      }
    }
    return Tensor(shape: tensor.shape, values: values)
  }
}
