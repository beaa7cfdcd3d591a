public import ZooIndex

/// A metric of the pairs of trainings of a cell. Each pair is measured once, as one model's.
public protocol PairMetric: ComparingMetric {
  /// Which models are one cell, and who is paired with whom.
  var cells: ZooCells { get }
}

extension PairMetric {
  /// Checkpoints within a training are in no pair.
  public func applies(to model: Int64) -> Bool { cells.isEnd(model) }
  /// The trainings that the model is paired with.
  public func companions(of model: Int64) -> [Int64] { cells.pairs(of: model) }
  /// Other partners are other numbers.
  public func settings(for model: Int64) -> String {
    "\(description.settings) \(cells.fingerprint(cells.pairs(of: model)))"
  }
}
