public import ModelGraph
public import WeightFiles

/// Two tensors of two files, and what one is of the other beyond name, order, layout and gauge.
public struct CanonicalPair: Sendable {
  /// What the second tensor is of the first. Where several hold, the last of this list that does.
  public enum Relation: String, Sendable, Hashable, CaseIterable, Encodable {
    /// The same numbers in the same order, of the same type.
    case equal
    /// The same numbers once the wider type is rounded to the narrower.
    case equalAfterCast
    /// The same numbers with the axes in another order.
    case transposed
    /// The same numbers with units (indices of an axis) in another order.
    case permuted
    /// One is a part of the other: fused, stacked, or cut.
    case slices
    /// Units (indices of an axis) are multiplied by a factor each.
    case rescaled
    /// Other numbers.
    case changed
    /// Equal in its place, although the model around it was changed.
    case untouched
    /// Only one file has it.
    case missing
  }

  /// How two tensors were found to belong together.
  public enum Found: Sendable, Hashable {
    /// They hold the same numbers.
    case content
    /// One holds the same numbers as a tensor that has a partner already: tied weights.
    case tied
    /// Their neighbours belong together.
    case neighbour
    /// As ordinary `diff` finds it.
    case pairing(FilePairing.Reason)
    /// Not at all.
    case none

    /// Whether it is by shapes and order alone.
    var isGuess: Bool { self == .pairing(.order) || self == .pairing(.shapeAndOrder) }

    /// A word for it.
    public var word: String {
      switch self {
      case .content: "content"
      case .tied: "tied"
      case .neighbour: "neighbour"
      case .pairing(let reason): reason.rawValue
      case .none: "none"
      }
    }
  }

  /// Which slices of the larger tensor the smaller one is.
  public struct Part: Sendable, Hashable {
    /// Whether the second file's tensor is the larger.
    public var isOfSecond: Bool
    /// The axis of the larger across which it is cut; nil where the first axes count as one.
    public var axis: Int?
    /// The slices, in the smaller's order.
    public var ranges: [Range<Int>]
  }

  /// The place of the first file's tensor in its catalogue; nil where that file has none.
  public var first: Int?
  /// The second's.
  public var second: Int?
  /// What it is.
  public var relation: Relation
  /// How the two were found.
  public var found: Found
  /// The order of the second's axes under which it is compared; nil for its own.
  public var axes: [Int]?
  /// Whether one had to be rounded.
  public var isCast = false
  /// The axes of the first along which units have another order.
  public var permutedAxes: [Int] = []
  /// The axes of the first along which units are multiplied by different factors.
  public var scaledAxes: [Int] = []
  /// Which part, for slices.
  public var part: Part?
  /// Whether other tensors would have done as well: constants, several that are equal, guesses.
  public var isAmbiguous = false
  /// How far apart the numbers are, where they are compared in place.
  public var difference: TensorDifference?
  /// What else is to be said.
  public var note: String?

  init(
    _ first: Int?, _ second: Int?, _ relation: Relation, _ found: Found, axes: [Int]? = nil,
    note: String? = nil
  ) {
    self.first = first
    self.second = second
    self.relation = relation
    self.found = found
    self.axes = axes
    self.note = note
  }
}
