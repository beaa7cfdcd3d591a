/// Sines and cosines of the position, added to the steps (Vaswani et al. 2017, section 3.5).
public struct SinusoidalPositions: Sendable, Hashable {
  /// Where the sines and cosines of a frequency stand.
  public enum Layout: String, Sendable, Hashable, CaseIterable {
    /// The sines of all frequencies, then the cosines.
    case halves
    /// Sine and cosine of a frequency side by side.
    case interleaved
  }

  /// Where they stand.
  public var layout: Layout
  /// The position of the first step.
  public var first: Int
  /// The base of the frequencies.
  public var base: Double

  /// Makes the parameters.
  public init(layout: Layout = .interleaved, first: Int = 0, base: Double = 10_000) {
    self.layout = layout
    self.first = first
    self.base = base
  }
}
