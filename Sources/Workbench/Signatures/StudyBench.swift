import ModelGraph
import Networks
import Support
import Tensors

/// Accuracies of a network: on clean images (TA), and on images with one corruption (RA).
public struct StudyScore: Sendable, Hashable {
  /// On clean images.
  public var clean: Double
  /// On images with one corruption.
  public var robust: Double

  /// The accuracies, from 0 to 1.
  public init(clean: Double, robust: Double) {
    self.clean = clean
    self.robust = robust
  }

  /// The mean of several.
  static func mean(_ scores: [StudyScore]) -> StudyScore {
    let count = Double(max(1, scores.count))
    return StudyScore(
      clean: scores.reduce(0) { $0 + $1.clean } / count,
      robust: scores.reduce(0) { $0 + $1.robust } / count)
  }
}

/// What measures the networks of one label set, on clean images and with one corruption.
struct StudyBench: Sendable {
  private let clean: Evaluator
  private let corrupted: Evaluator

  /// Compiles the network for both sets of images.
  init(graph: ModelGraph, clean: Dataset, corrupted: Dataset) throws {
    self.clean = try Evaluator(graph: graph, dataset: clean, jobs: 1)
    self.corrupted = try Evaluator(graph: graph, dataset: corrupted, jobs: 1)
  }

  /// Both accuracies.
  func score(_ weights: Weights) throws -> StudyScore {
    StudyScore(clean: try clean.evaluate(weights).accuracy, robust: try robust(weights))
  }

  /// The accuracy on corrupted images alone.
  func robust(_ weights: Weights) throws -> Double { try corrupted.evaluate(weights).accuracy }
}
