/// Units of a network that may be permuted, mirrored or rotated together without a change of what it
/// computes.
///
/// It is derived from the graph, as a `PermutationGroup` is, and names the largest kind of change that is
/// exact for every layer which meets the units.
public struct SymmetryGroup: Sendable, Hashable {
  /// The changes that are allowed, each a subset of the one after it but for `heads`.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Another order.
    case permutation
    /// Another order, and the sign of each unit.
    case signed
    /// Rotations and reflections that keep the mean of the units: what layer normalisation allows.
    case orthogonalFixingMean
    /// Rotations and reflections.
    case orthogonal
    /// Another order of the heads of attention, and maps within each.
    case heads
  }

  /// The name: that of the layer that makes the units.
  public var name: String
  /// The number of units.
  public var size: Int
  /// The largest kind of change that is exact.
  public var kind: Kind
  /// Whether the order and the signs alone are exact, too: they keep the mean, and layer normalisation
  /// does not allow signs.
  public var allowsSigns: Bool
  /// Where the units lie.
  public var slices: [SymmetrySlice]
  /// What attention does with the heads, where these are the units: one a layer that shares their order.
  public var attentions: [AttentionSymmetry] = []
  /// Why the units have no larger symmetry; nil where nothing was found to stand against it.
  public var reason: String?
  /// Whether everything that reads the units subtracts their mean first, so that what is made may be
  /// centred.
  public var isCentred = false
}

/// What may be changed within the heads of an attention layer.
public struct AttentionSymmetry: Sendable, Hashable {
  /// The channels of every head in one tensor.
  public struct Slice: Sendable, Hashable {
    /// The tensor's name.
    public var tensor: String
    /// Its axis.
    public var axis: Int
    /// The first channel of every head.
    public var starts: [Int]
  }

  /// The name of the attention layer.
  public var layer: String
  /// The number of query heads that share a head of keys and values.
  public var queriesPerGroup: Int
  /// The channels of a head of queries and keys.
  public var headWidth: Int
  /// The channels of a head of values.
  public var valueWidth: Int
  /// The kernel and the bias of the queries; the bias last, where there is one.
  public var query: [Slice]
  /// The kernel and the bias of the keys.
  public var key: [Slice]
  /// The kernel and the bias of the values.
  public var value: [Slice]
  /// The kernel that reads the mixed values, by query heads.
  public var output: Slice
  /// The axis of that kernel along its own outputs.
  public var outputUnitsAxis: Int
  /// The bias of that kernel; nil where there is none.
  public var outputBias: String?
  /// The planes that are turned by position; nil for none.
  public var rotary: Rotary?
  /// Whether queries or keys are normalised head by head, so that only signs are left to change.
  public var isNormalized: Bool
  /// Whether a bias of the keys adds the same to all products of a query, which changes nothing.
  public var ignoresKeyBias: Bool

  /// How many channels of a head are turned by position, from its first on.
  public var rotaryWidth: Int { rotary.map { $0.width ?? headWidth } ?? 0 }

  /// The two channels of each plane that is turned.
  public var planes: [(first: Int, second: Int)] {
    guard let rotary else { return [] }
    let half = rotaryWidth / 2
    return (0..<half).map { plane in
      switch rotary.layout {
      case .halves: (plane, plane + half)
      case .interleaved: (2 * plane, 2 * plane + 1)
      }
    }
  }
}
