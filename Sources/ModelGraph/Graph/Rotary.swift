/// Rotary position embedding: each plane of a head's queries and keys is turned by an angle that grows
/// with the position (Su et al. 2021).
public struct Rotary: Sendable, Hashable {
  /// Which two entries of a head form a plane.
  public enum Layout: String, Sendable, Hashable, CaseIterable {
    /// Entries `i` and `i + width/2` (Hugging Face's Llama).
    case halves
    /// Entries `2i` and `2i + 1` (GPT-J, the first Llama files).
    case interleaved
  }

  /// A change of the frequencies for longer contexts.
  public enum Scaling: Sendable, Hashable {
    /// The frequencies as they are.
    case none
    /// All frequencies divided by a factor.
    case linear(factor: Double)
    /// Low frequencies divided by a factor, high ones as they are, between them a mixture (Llama 3).
    case bands(factor: Double, low: Double, high: Double, context: Int)
  }

  /// How many entries of each head are turned, from its first on; nil for all.
  public var width: Int?
  /// The base of the frequencies `base^(−2i/width)`.
  public var base: Double
  /// Which entries form a plane.
  public var layout: Layout
  /// How the frequencies are changed.
  public var scaling: Scaling

  /// Makes the parameters.
  public init(
    width: Int? = nil, base: Double = 10_000, layout: Layout = .halves, scaling: Scaling = .none
  ) {
    self.width = width
    self.base = base
    self.layout = layout
    self.scaling = scaling
  }
}
