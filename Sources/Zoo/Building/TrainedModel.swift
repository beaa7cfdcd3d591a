import Foundation
import ModelGraph
import Networks
import WeightFiles
import WorkbenchCore

/// A model of a zoo, trained, with everything that its file will say of it.
struct TrainedModel {
  private let recipe: ModelRecipe
  private let graph: ModelGraph
  private let result: TrainingResult
  private let seconds: Double

  /// Trains a model on one thread.
  init(_ recipe: ModelRecipe, train: Dataset, test: Dataset, progress: ProgressHandler?) throws {
    self.recipe = recipe
    let train = try train.selected(by: recipe.data, isTraining: true)
    let test = try test.selected(by: recipe.data, isTraining: false)
    graph = try recipe.architecture.graph(
      inputShape: train.exampleShape, classCount: train.classCount)
    let clock = ContinuousClock()
    let begun = clock.now
    do {
      result = try Trainer.train(
        graph: graph, on: train, validation: test, options: recipe.training.options,
        progress: progress)
    } catch let error as Diagnostic {
      throw error.inside(recipe.name)
    }
    seconds = (clock.now - begun) / .seconds(1)
  }

  /// What training came to.
  var summary: BuiltModel.Training {
    let last = result.history.last?.validation
    return BuiltModel.Training(
      testLoss: last?.loss ?? .nan, testAccuracy: last?.accuracy ?? .nan, seconds: seconds)
  }

  /// The model's file: the tensors in the order of the graph, the recipe and the results as
  /// attributes. Times are left out, so that the same recipe gives the same bytes.
  func document() throws -> HDF5Document {
    var document = HDF5Document()
    for parameter in graph.parameters {
      guard let tensor = result.weights[parameter.tensor] else {
        throw Diagnostic(.failed, "training lost a tensor", at: [recipe.name, parameter.tensor])
      }
      document.add(parameter.tensor, tensor)
    }
    var attributes = recipe.attributes
    attributes["producer"] = .string("wsl")
    attributes["parameters"] = .numbers([
      Double(graph.parameters.reduce(0) { $0 + $1.shape.reduce(1, *) })
    ])
    attributes["fingerprint"] = .string(graph.fingerprint)
    if let last = result.history.last {
      attributes["train_loss"] = .numbers([last.training.loss])
      attributes["train_accuracy"] = .numbers([last.training.accuracy])
      if let test = last.validation {
        attributes["test_loss"] = .numbers([test.loss])
        attributes["test_accuracy"] = .numbers([test.accuracy])
      }
    }
    attributes["history_train_loss"] = .numbers(result.history.map(\.training.loss))
    attributes["history_train_accuracy"] = .numbers(result.history.map(\.training.accuracy))
    attributes["history_test_loss"] = .numbers(result.history.compactMap { $0.validation?.loss })
    attributes["history_test_accuracy"] = .numbers(
      result.history.compactMap { $0.validation?.accuracy })
    document.attributes[""] = attributes
    return document
  }
}
