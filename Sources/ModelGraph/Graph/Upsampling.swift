/// The parameters of upsampling.
public struct Upsampling: Sendable, Hashable {
  /// How many positions each becomes, on each spatial axis.
  public var size: [Int]
  /// Whether a position is repeated, rather than interpolated with its neighbours.
  public var repeats: Bool

  /// Makes the parameters.
  public init(size: [Int], repeats: Bool = true) {
    self.size = size
    self.repeats = repeats
  }
}
