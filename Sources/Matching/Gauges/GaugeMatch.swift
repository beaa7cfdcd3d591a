import LinearAlgebra
import ModelGraph

/// How B was lined up with A.
public struct GaugeMatch: Sendable {
  /// What was found of one group.
  public struct Group: Sendable {
    /// Its name.
    public let name: String
    /// What may be changed of it, at the level that was asked for: a kind of `SymmetryGroup`, or `experts`.
    public let kind: String
    /// The number of units.
    public let size: Int
    /// The unit of B in each place; empty where units are rotated.
    public let permutation: [Int]
    /// The sign of each unit in its place; empty where signs do not change.
    public let signs: [Int]
    /// The angles of the rotation, in degrees from 0 to 180, in classes of 15 degrees: how many units turn
    /// by so much. Empty where nothing is rotated.
    public let angles: [Int]
    /// The query head of B in each place, where several share keys and values; else empty.
    public let queries: [Int]
    /// Why the group has no larger symmetry; nil where nothing stands against it.
    public let reason: String?

    /// How many units are not in their place any more.
    public var moved: Int {
      if permutation.isEmpty { return angles.dropFirst().reduce(0, +) }
      return permutation.indices.count {
        permutation[$0] != $0 || (signs.isEmpty ? false : signs[$0] < 0)
      }
    }

    init(_ experts: ExpertSymmetry, _ exchange: ExpertExchange) {
      (name, kind, size, reason) = (experts.layer, "experts", exchange.order.count, nil)
      (permutation, signs, angles, queries) = (exchange.order, [], [], [])
    }

    init(_ group: SymmetryGroup, _ element: GroupElement) {
      (name, kind, size, reason) = (group.name, group.kind.rawValue, group.size, group.reason)
      switch element {
      case .heads(let heads):
        (permutation, signs, angles) = (heads.groups, [], [])
        queries = heads.queries.count > heads.groups.count ? heads.queries : []
      case .units(.order(let order, let factors)):
        (permutation, angles, queries) = (order, [], [])
        signs = factors.map { $0.map { $0 < 0 ? -1 : 1 } } ?? []
      case .units(.matrix(let matrix, _)):
        (permutation, signs, queries) = ([], [], [])
        angles = Rotations.angleClasses(matrix)
      }
    }
  }

  /// What learning on data did.
  public struct Learning: Sendable, Hashable {
    /// How many steps of descent were made.
    public let steps: Int
    /// The loss at the midpoint on the same training examples: after weights were compared alone, and in
    /// the end.
    public let lossBefore, lossAfter: Double
  }

  /// The groups.
  public let groups: [Group]
  /// The change of B, in A's names and axes.
  public let transform: GaugeTransform
  /// The squared distance of the canonical forms, over all tensors that a group changes.
  public let objectiveBefore: Double
  /// The same after matching.
  public let objectiveAfter: Double
  /// The same after the start and after every sweep: it never rises. Where cosines count, of the parts with
  /// norms of one.
  public let objectives: [Double]
  /// How many sweeps the best descent made.
  public let sweeps: Int
  /// Which descent was best, from 0.
  public let restart: Int
  /// The layers whose gains were folded for the search.
  public let foldedLayers: [String]
  /// What was learned on data after that; nil where weights were compared alone.
  public let learning: Learning?
  /// The time taken, in seconds.
  public let seconds: Double
}
