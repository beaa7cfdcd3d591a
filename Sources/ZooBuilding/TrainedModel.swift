import Catalogs
import Foundation
import ModelGraph
import Networks
import Support
import Tensors
import WeightFiles
import ZooSpecs

/// A model of a zoo, trained, with everything that its file will say of it.
struct TrainedModel {
  private let plan: TrainingPlan
  private let result: TrainingResult
  private let seconds: Double

  /// Trains a model on one thread.
  ///
  /// - Parameters:
  ///   - checkpoint: where to go on from.
  ///   - checkpointHandler: is given each checkpoint that was asked for, with the document of its
  ///     file.
  init(
    _ plan: TrainingPlan, train: Dataset, test: Dataset, resuming checkpoint: TrainingCheckpoint?,
    checkpointHandler: (TrainingCheckpoint, HDF5Document) throws -> Void,
    progress: ProgressHandler?
  ) throws {
    self.plan = plan
    let clock = ContinuousClock()
    let begun = clock.now
    var options = plan.recipe.training.options
    if plan.recipe.data.isRedrawn { options.transform = plan.recipe.data.corruption }
    do {
      result = try withoutActuallyEscaping(checkpointHandler) { handler in
        try Trainer.train(
          graph: plan.graph, from: plan.initial, on: train, validation: test,
          options: options, resuming: checkpoint,
          checkpointHandler: { checkpoint in
            var document = try plan.document(
              weights: checkpoint.weights, history: checkpoint.history)
            document.attributes["", default: [:]]["checkpoint_epoch"] = .numbers([
              Double(checkpoint.epoch)
            ])
            try handler(checkpoint, document)
          }, progress: progress)
      }
    } catch let error as Diagnostic where error.code != .cannotWrite {
      throw error.inside(plan.recipe.name)
    }
    seconds = (clock.now - begun) / .seconds(1)
  }

  /// What training came to.
  var summary: BuiltModel.Training {
    let last = result.history.last?.validation
    return BuiltModel.Training(
      testLoss: last?.loss ?? .nan, testAccuracy: last?.accuracy ?? .nan, seconds: seconds)
  }

  /// The trained weights.
  var weights: Weights { result.weights }

  /// The model's file.
  func document() throws -> HDF5Document {
    try plan.document(weights: result.weights, history: result.history)
  }
}
