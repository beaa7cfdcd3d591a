import Datasets
package import Networks
import Support
package import ZooSpecs

/// The data sets of a zoo, by the names in its spec.
package struct ZooData: Sendable {
  var sets: [String: (train: Dataset, test: Dataset)] = [:]

  package init(sets: [String: (train: Dataset, test: Dataset)] = [:]) {
    self.sets = sets
  }

  /// The examples of a recipe.
  func examples(for recipe: DataRecipe) throws -> (train: Dataset, test: Dataset) {
    let (train, test) = whole(recipe)
    return (
      try train.selected(by: recipe, isTraining: true),
      try test.selected(by: recipe, isTraining: false)
    )
  }

  /// Checks that a recipe's data and network go together, and that there is memory for its training.
  ///
  /// - Returns: how much that takes.
  /// - Throws: `Diagnostic` with the place in the spec.
  package func check(_ recipe: ModelRecipe) throws -> TrainingMemory {
    let train = whole(recipe.data).train
    func located<Result>(_ place: [String], _ body: () throws -> Result) throws -> Result {
      do { return try body() } catch let error as Diagnostic {
        throw Diagnostic(.badData, error.message, at: place, remedy: error.remedy)
      }
    }
    try located(recipe.locations.data) {
      let largest = recipe.data.classes?.max() ?? 0
      guard largest < train.classCount || !train.hasClasses && recipe.data.classes == nil else {
        throw Diagnostic(
          .badData, "there is no class \(largest) in \(recipe.data.source)",
          remedy: "its classes are 0…\(train.classCount - 1)")
      }
      try recipe.data.projection?.check(recipe, exampleSize: train.exampleSize)
      if let corruption = recipe.data.corruption {
        _ = try corruption.applied(to: train.prefix(1), seed: 0)
      }
    }
    return try located(recipe.locations.model) {
      let graph = try recipe.architecture.graph(
        inputShape: recipe.data.projection.map { [$0.size] } ?? train.exampleShape,
        classCount: recipe.data.classes?.count ?? train.classCount)
      let memory = TrainingMemory(graph, recipe.training.options, examples: train.count)
      try memory.check()
      return memory
    }
  }

  private func whole(_ recipe: DataRecipe) -> (train: Dataset, test: Dataset) {
    guard let pair = sets[recipe.loadedName] else {
      preconditionFailure("every data set is loaded first")
    }
    return pair
  }
}
