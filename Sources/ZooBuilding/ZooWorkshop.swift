import Foundation
import Networks
import Support
import WeightFiles
import ZooSpecs

/// Trains one model after another of a zoo and writes their files; called from several threads.
struct ZooWorkshop: Sendable {
  let folder: String
  let storage: ZooSpec.Storage
  /// Whether models that are there already are replaced.
  let overwrites: Bool
  let data: ZooData
  let ancestors: AncestorStore
  /// What interrupted training left, by the model's name.
  let states: [String: TrainingState.Stored]

  /// Trains a model whose parent is trained, and writes its checkpoints and its file.
  func train(_ recipe: ModelRecipe, progress: ProgressHandler?) throws -> BuiltModel.Training {
    let (train, test) = try data.examples(for: recipe.data)
    let parent = recipe.parent.flatMap(ancestors.take)
    let plan = try TrainingPlan(
      recipe, exampleShape: train.exampleShape, classCount: train.classCount, parent: parent)
    let statePath = TrainingState.path(of: recipe.name, in: folder)
    let stored = states[recipe.name].flatMap { $0.recipeHash == plan.hash ? $0.checkpoint : nil }
    let model = try TrainedModel(
      plan, train: train, test: test, resuming: stored,
      checkpointHandler: { checkpoint, document in
        // A checkpoint of a model that is not finished may be there from an interrupted run.
        try document.write(
          to: "\(folder)/\(recipe.checkpointName(checkpoint.epoch)).h5",
          compression: storage.compression, overwrites: true, jobs: 1)
        try TrainingState.write(checkpoint, of: plan, to: statePath)
      }, progress: progress)
    let path = "\(folder)/\(recipe.name).h5"
    try model.document().write(
      to: path, compression: storage.compression, overwrites: overwrites, jobs: 1)
    try? FileManager.default.removeItem(atPath: statePath)
    if ancestors.isAwaited(recipe.name) {
      ancestors.add(
        Ancestor(
          name: recipe.name, weights: model.weights, hash: try FileHash.sha256(ofFile: path)))
    }
    return model.summary
  }
}
