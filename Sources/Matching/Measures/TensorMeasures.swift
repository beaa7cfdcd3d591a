public import ModelGraph
import Support
public import Tensors

/// How far one tensor of two networks is apart, before and after B is permuted.
public struct TensorMeasures: Sendable, Hashable {
  /// The tensor's name in A.
  public var tensor: String
  /// For B as it is.
  public var before: PairMeasures
  /// For the permuted B.
  public var after: PairMeasures

  /// Measures every tensor that both networks have with the same shape, by name. No more than one
  /// tensor a job is held permuted.
  ///
  /// - Parameters:
  ///   - a: the network that stays.
  ///   - b: the other, under A's names and in A's axis order.
  ///   - permutations: one a group.
  ///   - groups: the axes that move together.
  ///   - jobs: how many tensors are measured at once.
  /// - Complexity: O(elements).
  public static func all(
    _ a: Weights, _ b: Weights, permutations: [[Int]], of groups: [PermutationGroup],
    jobs: Int? = nil
  ) throws -> [TensorMeasures] {
    let names = NaturalOrder.sorted(a.keys).filter { a[$0]?.shape == b[$0]?.shape }
    let gathers = Permuting.gathers(permutations, of: groups, shapes: b.mapValues(\.shape))
    return try Parallel.map(count: names.count, jobs: jobs) { index in
      let name = names[index]
      let (first, second) = (a[name] ?? Tensor(zeros: [0]), b[name] ?? Tensor(zeros: [0]))
      let before = PairMeasures(first.values, second.values)
      let after = gathers[name].map {
        PairMeasures(first.values, $0.applied(to: second).values)
      }
      return TensorMeasures(tensor: name, before: before, after: after ?? before)
    }
  }
}
