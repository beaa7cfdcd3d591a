import LinearAlgebra
public import ModelGraph
public import Tensors

extension SymmetryCheck {
  /// What a random element of one group did to the outputs.
  public struct Element: Sendable, Hashable {
    /// The group, and what its element did.
    public var group: Group
    /// The kind of the group.
    public var kind: SymmetryGroup.Kind
  }

  /// Checks every symmetry of more than orders: the network in canonical form, with a random element of one
  /// group after another, and of all at once, beside the network as it is.
  ///
  /// The change is worked out in Float64, and the networks are run in Float32, so that `tolerance` holds
  /// here, too.
  ///
  /// - Throws: `Diagnostic` where the network cannot be run or its weights do not fit.
  public static func elements(
    _ graph: ModelGraph, weights: Weights, seed: UInt64 = 0, exampleCount: Int = 16,
    sequenceLength: Int = 16
  ) throws -> [Element] {
    let symmetries = try GaugeMatching.usable(graph, weights, weights, level: .auto)
    let groups = symmetries.groups.filter { $0.kind != .permutation }
    guard !groups.isEmpty else { return [] }
    let canonical = try Canonicalization(weights, symmetries).transform
    let runner = try SymmetryRunner(
      graph, weights: weights, seed: seed, exampleCount: exampleCount,
      sequenceLength: sequenceLength)
    let root = SeededGenerator(seed: seed)
    var all = canonical
    var result = try groups.enumerated().map { index, group in
      var generator = root.derived(UInt64(index))
      var transform = canonical
      for step in try GroupElement.random(group, using: &generator).steps(group) {
        transform.append(step)
        all.append(step)
      }
      return Element(
        group: try runner.measure(
          group.name, group.size, transform.applied(to: weights)), kind: group.kind)
    }
    result.append(
      Element(
        group: try runner.measure(
          "all of these", groups.reduce(0) { $0 + $1.size }, all.applied(to: weights)),
        kind: .orthogonal))
    return result
  }
}
