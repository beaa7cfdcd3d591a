/// The three thresholds that make a phase of measures: the loss is high above the first, models are
/// connected from minus the second up, and similar from the third up.
///
/// A barrier is what parts models; a path that is better than its ends (a positive connectivity) means
/// that the ends are not trained out, and connects them all the same.
public struct PhaseThresholds: Sendable, Hashable {
  /// The train loss above which a model is underfitted.
  public var loss: Double?
  /// The depth of a barrier, as a positive number, below which models are not connected.
  public var connectivity: Double?
  /// The similarity from which models are similar.
  public var similarity: Double?

  /// Makes thresholds; nil where one is to be found.
  public init(loss: Double? = nil, connectivity: Double? = nil, similarity: Double? = nil) {
    self.loss = loss
    self.connectivity = connectivity
    self.similarity = similarity
  }

  /// The phase of measures.
  ///
  /// - Returns: the phase, or the measure that is missing to tell it.
  func phase(_ measure: (PhaseMeasure) -> Double?) -> PhaseOutcome {
    guard let high = exceeds(measure(.trainLoss), loss) else { return .missing(.trainLoss) }
    // No threshold at all: nothing of the zoo has a barrier.
    guard let value = measure(.connectivity), value.isFinite else {
      return .missing(.connectivity)
    }
    let isConnected = connectivity.map { value >= -$0 } ?? true
    if high { return .phase(isConnected ? .underfitted : .underfittedUndersized) }
    if !isConnected { return .phase(.undersized) }
    guard let likeness = measure(.similarity), likeness.isFinite, let similarity else {
      return .missing(.similarity)
    }
    return .phase(likeness >= similarity ? .generalising : .overfitted)
  }

  private func exceeds(_ value: Double?, _ threshold: Double?) -> Bool? {
    guard let value, value.isFinite, let threshold else { return nil }
    return value > threshold
  }

  /// The threshold of a measure, as a value of the measure.
  func place(of measure: PhaseMeasure) -> Double? {
    switch measure {
    case .trainLoss: loss
    case .connectivity: connectivity.map { -$0 }
    case .similarity: similarity
    default: nil
    }
  }
}

/// A phase, or why there is none.
enum PhaseOutcome: Sendable, Hashable {
  case phase(Phase)
  case missing(PhaseMeasure)

  var phase: Phase? {
    if case .phase(let phase) = self { phase } else { nil }
  }
}

extension PhaseThresholds {
  /// The threshold of a measure, as it is given.
  public func value(of measure: PhaseMeasure) -> Double? {
    switch measure {
    case .trainLoss: loss
    case .connectivity: connectivity
    case .similarity: similarity
    default: nil
    }
  }
}
