extension PhaseMap {
  /// How a map is made.
  public struct Options: Sendable {
    /// Thresholds that are given; those that are nil are found.
    public var thresholds = PhaseThresholds()
    /// What one point of accuracy is in the units of the connectivity: 1 for per cent, 0.01 for shares;
    /// nil means by the size of the values.
    public var point: Double?
    /// How often the zoo is drawn again.
    public var draws = 200
    /// The seed of the draws.
    public var seed: UInt64 = 0
    /// How many threads; nil means one a processor.
    public var jobs: Int?

    /// The defaults.
    public init() {}
  }

  /// A cell of the map.
  public struct Cell: Sendable {
    /// Its load.
    public var load: Double
    /// Its temperature.
    public var temperature: Double
    /// How many models are in it.
    public var models: Int
    /// The means of the measures.
    public var means: [PhaseMeasure: Double]
    /// 95 % intervals of the means; none where nothing tells how far they spread.
    public var intervals: [PhaseMeasure: Interval]
    /// The phase; nil where it cannot be told.
    public var phase: Phase?
    /// The share of the draws in which the cell has this phase; nil where it could not be drawn again.
    public var confidence: Double?
    /// The share of the draws for each phase.
    public var probabilities: [Phase: Double]
    /// Why there is no phase.
    public var reason: String?
  }

  /// A phase and its cells.
  public struct Summary: Sendable {
    /// The phase.
    public var phase: Phase
    /// How many cells it has.
    public var cells: Int
    /// The mean test accuracy of its cells; nil where none has one.
    public var testAccuracy: Double?
    /// The 95 % interval of that mean, over the draws: phases move with them.
    public var interval: Interval?
  }

  /// A threshold and how well it is known.
  public struct Threshold: Sendable {
    /// The measure.
    public var measure: PhaseMeasure
    /// The threshold; nil where the zoo has no such measure, or nothing to part by it.
    public var value: Double?
    /// Whether it was found, not given.
    public var isFound: Bool
    /// The 95 % interval, over the draws; nil where it was given.
    public var interval: Interval?
    /// The share of the spread of the measure that the threshold explains: 0.64 where a bell curve is cut
    /// in its middle, 0.75 for evenly spread values, near 1 for two groups. Of the similarity, among the
    /// cells of phase IV.
    public var separation: Double
  }
}
