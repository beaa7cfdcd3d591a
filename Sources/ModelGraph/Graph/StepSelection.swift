/// A stretch of the steps of an input `[steps, channels]`, or one step.
public struct StepSelection: Sendable, Hashable {
  /// The first step; negative ones count from the end.
  public var first: Int
  /// How many steps; nil for one, whose axis then goes.
  public var count: Int?

  /// Makes a selection.
  public init(first: Int, count: Int? = nil) {
    self.first = first
    self.count = count
  }
}
