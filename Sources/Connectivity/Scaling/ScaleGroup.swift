public import ModelGraph

/// Units that may each be multiplied by a positive number without changing what the network computes,
/// as long as all members follow.
///
/// Two kinds of units have this freedom beside that of being permuted. What a ReLU unit gives can be
/// larger by a factor, if what reads it is smaller by the same (Neyshabur, Salakhutdinov and Srebro
/// 2015, "Path-SGD", section 2). And what batch normalisation reads can have any size: it divides by
/// the standard deviation.
public struct ScaleGroup: Sendable, Hashable {
  /// What becomes of a tensor's entries when a unit is multiplied by a factor f.
  public enum Effect: Sendable, Hashable {
    /// They are multiplied by f.
    case multiplied
    /// They are divided by f.
    case divided
    /// A running variance v becomes f²(v + ε) − ε, so that `√(v + ε)` is multiplied by f.
    case variance(epsilon: Double)
  }

  /// Where the units lie on one axis of one tensor, and what happens there.
  public struct Member: Sendable, Hashable {
    /// The axis and the entries.
    public var place: PermutationGroup.Member
    /// What happens to them.
    public var effect: Effect
  }

  /// The name of the layer whose output is scaled.
  public var name: String
  /// The number of units.
  public var size: Int
  /// The tensors that follow.
  public var members: [Member]
}

extension ScaleGroup.Member {
  /// For every entry of the member's axis the unit that it belongs to; −1 for entries of none.
  func units(axisLength: Int, size: Int) -> [Int] {
    var units = Array(repeating: -1, count: axisLength)
    for run in place.runs {
      for unit in 0..<size {
        for offset in 0..<run.width { units[run.start + unit * run.width + offset] = unit }
      }
    }
    return units
  }
}
