import LinearAlgebra
public import ModelGraph
public import Tensors

/// The proof of a graph's symmetries: permute, run, compare.
///
/// The most reported fault of tools that permute units is a specification that changes the
/// function. Here every group is permuted at random, alone, and both networks are run on random
/// inputs: a group is right where nothing but rounding changes.
public struct SymmetryCheck: Sendable, Hashable {
  /// What permuting one group did to the outputs.
  public struct Group: Sendable, Hashable {
    /// The group's name.
    public var name: String
    /// The number of units.
    public var size: Int
    /// The largest difference of an output, relative to the largest output.
    public var difference: Double
    /// Whether it is within the tolerance.
    public var isSymmetry: Bool
  }

  /// The groups, in the order of the graph.
  public var groups: [Group]
  /// The same for all groups permuted at once.
  public var all: Group

  /// Whether every group passed.
  public var holds: Bool { all.isSymmetry && groups.allSatisfy(\.isSymmetry) }

  /// The largest relative difference that rounding explains: sums of some thousand Float32
  /// products, taken in another order, through some ten layers.
  public static let tolerance = 1e-4

  /// Checks every group of a graph, and all at once.
  ///
  /// - Parameters:
  ///   - graph: the network.
  ///   - weights: its weights.
  ///   - groups: the groups, of the same graph.
  ///   - seed: of the permutations and the inputs.
  ///   - exampleCount: how many random inputs are run.
  ///   - sequenceLength: the length of axes that the graph leaves to the data.
  /// - Throws: `Diagnostic` where the network cannot be run.
  public init(
    _ graph: ModelGraph, weights: Weights, groups: [PermutationGroup], seed: UInt64 = 0,
    exampleCount: Int = 16, sequenceLength: Int = 16
  ) throws {
    let root = SeededGenerator(seed: seed)
    let runner = try SymmetryRunner(
      graph, weights: weights, seed: seed, exampleCount: exampleCount,
      sequenceLength: sequenceLength)
    func measure(_ name: String, _ size: Int, _ permutations: [[Int]]) throws -> Group {
      try runner.measure(
        name, size, Permuting.apply(permutations, of: groups, to: weights))
    }

    let identities = groups.map { Array(0..<$0.size) }
    let permutations = groups.enumerated().map { index, group in
      var generator = root.derived(UInt64(index))
      return SymmetryCheck.cycle(of: generator.permutation(count: group.size))
    }
    self.groups = try groups.indices.map { index in
      var one = identities
      one[index] = permutations[index]
      return try measure(groups[index].name, groups[index].size, one)
    }
    all = try measure("all groups", groups.reduce(0) { $0 + $1.size }, permutations)
  }

  /// The permutation that takes each unit of an order to the place of the one before: a single
  /// cycle, which leaves no unit where it was, so that no wrong axis goes unnoticed by luck.
  private static func cycle(of order: [Int]) -> [Int] {
    var permutation = order
    for (index, unit) in order.enumerated() {
      permutation[unit] = order[(index + 1) % order.count]
    }
    return permutation
  }
}
