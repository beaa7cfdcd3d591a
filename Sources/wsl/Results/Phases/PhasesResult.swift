import Phases
import Workbench
import Support

/// What `wsl phases` and `wsl zoo phases` say.
struct PhasesResult: Encodable {
  /// The three thresholds, and beside them how they were come by.
  struct Thresholds: Encodable {
    @OrNull var loss: Double?
    @OrNull var connectivity: Double?
    @OrNull var similarity: Double?
    /// Those that were found, not given.
    var found: [String]
    var intervals: [String: Interval]
    var separation: [String: FiniteNumber]
  }

  struct Cell: Encodable {
    var load: Double
    var temperature: Double
    var models: Int
    @OrNull var trainLoss: Double?
    @OrNull var hessianTopEigenvalue: Double?
    @OrNull var hessianTrace: Double?
    @OrNull var connectivity: Double?
    @OrNull var similarity: Double?
    @OrNull var testAccuracy: Double?
    @OrNull var phase: Phase?
    @OrNull var confidence: Double?
    var probabilities: [String: Double]
    var intervals: [String: Interval]
    @OrNull var reason: String?
  }

  struct Summary: Encodable {
    var phase: Phase
    var meaning: String
    var cells: Int
    @OrNull var testAccuracy: Double?
    @OrNull var interval: Interval?
  }

  struct Coverage: Encodable {
    /// How many cells each phase has.
    var phases: [String: Int]
    var gridCells: Int
    var cells: Int
    var decided: Int
    var uncertain: Int
    var missing: [Phase]
    var runs: [Run]
  }

  struct Run: Encodable {
    var load: Double
    var temperature: Double
    var reason: String
  }

  struct Line: Encodable {
    struct Point: Encodable {
      var temperature: Double
      var load: Double
      @OrNull var interval: Interval?
      var support: Double
    }

    var measure: String
    var points: [Point]
  }

  struct Rank: Encodable {
    var measure: String
    var cells: Int
    var spearman: FiniteNumber
    @OrNull var interval: Interval?
  }

  struct BestCell: Encodable {
    var load: Double
    var temperature: Double
    var testAccuracy: Double
    @OrNull var phase: Phase?
    var probabilities: [String: Double]
  }

  struct LeadingPhase: Encodable {
    var phase: Phase
    @OrNull var second: Phase?
    @OrNull var lead: Double?
    @OrNull var interval: Interval?
    var probabilities: [String: Double]
  }

  struct Trend: Encodable {
    struct Row: Encodable {
      var temperature: Double
      var mean: Double
      @OrNull var interval: Interval?
      /// The share of the draws in which it is the largest.
      var share: FiniteNumber
    }

    var outcome: String
    var cells: Int
    var spearman: FiniteNumber
    @OrNull var interval: Interval?
    var rows: [Row]
  }

  struct Prediction: Encodable {
    var outcome: String
    var cells: Int
    /// Shares of the variance of cells that were not seen.
    var columns: FiniteNumber
    var phase: FiniteNumber
    var both: FiniteNumber
    var gain: FiniteNumber
    @OrNull var gainInterval: Interval?
  }

  var source: String
  var load: String
  var temperature: String
  var columns: [String: String]
  var thresholds: Thresholds
  var cells: [Cell]
  var coverage: Coverage
  var phases: [Summary]
  var boundaries: [Line]
  var correlations: [Rank]
  @OrNull var best: BestCell? = nil
  var predictions: [Prediction]
  /// The phase of the best mean test accuracy.
  @OrNull var leading: LeadingPhase? = nil
  /// How further results go with the temperature.
  var trends: [Trend] = []
  /// Where the confidence of cells of one model comes from.
  var noise: String
  var draws: Int
  var seed: UInt64
  var warnings: [String]
}
