public import ModelGraph

/// How much of a network's symmetries matching may use.
public enum SymmetryLevel: String, Sendable, Hashable, CaseIterable {
  /// Other orders of units alone.
  case permutation
  /// Orders and signs.
  case signed
  /// Everything that keeps distances: rotations of the residual stream and within heads.
  case orthogonal
  /// The largest that the network has: orthogonal where a group has more than its order.
  case auto
}

extension SymmetryGroup {
  /// The group as far as a level allows it.
  public func restricted(to level: SymmetryLevel) -> SymmetryGroup {
    var group = self
    switch (level, kind) {
    case (.permutation, .signed), (.permutation, .orthogonal),
      (.permutation, .orthogonalFixingMean),
      (.signed, .orthogonalFixingMean):
      group.kind = .permutation
    case (.signed, .orthogonal): group.kind = allowsSigns ? .signed : .permutation
    default: break
    }
    return group
  }
}
