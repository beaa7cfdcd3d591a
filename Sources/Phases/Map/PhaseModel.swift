/// A model of a zoo, or the mean of some: where it stands in the grid, and what was measured.
public struct PhaseModel: Sendable {
  /// How much a model can hold against what it has to: the width, say.
  public var load: Double
  /// How noisy its training was: the batch size, say, which runs the other way.
  public var temperature: Double
  /// What was measured; what is left out or not finite is missing.
  public var measures: [PhaseMeasure: Double]
  /// Further results that the phase may tell: gains of averaging, accuracies after a transfer.
  public var outcomes: [String: Double]

  /// Makes a model.
  public init(
    load: Double, temperature: Double, measures: [PhaseMeasure: Double],
    outcomes: [String: Double] = [:]
  ) {
    self.load = load
    self.temperature = temperature
    self.measures = measures
    self.outcomes = outcomes
  }
}
