import ModelGraph
import Networks
import Support
import Tensors

/// A trained model that another starts from.
struct Ancestor: Sendable {
  /// Its name.
  var name: String
  /// Its trained weights.
  var weights: Weights
  /// The SHA-256 of its file.
  var hash: String

  /// The weights that a child starts with: its parent's, but a classifier for another number of
  /// classes, which is drawn anew.
  ///
  /// - Returns: the weights, and whether the classifier was drawn.
  /// - Throws: `Diagnostic` of code `badData` where any other tensor does not fit.
  func weights(
    for graph: ModelGraph, options: TrainingOptions
  ) throws -> (weights: Weights, hasNewHead: Bool) {
    let head = Set(graph.layers.last { !$0.parameters.isEmpty }?.parameters.map(\.tensor) ?? [])
    let misfits = Set(
      graph.parameters.filter { weights[$0.tensor]?.shape != $0.shape }.map(\.tensor))
    if misfits.isEmpty { return (weights, false) }
    if let tensor = misfits.subtracting(head).min() {
      throw Diagnostic(
        .badData, "this tensor of the parent does not fit the child", at: [name, tensor],
        remedy: "give the child data of the parent's shape, or build the parent anew")
    }
    let drawn = Initializer.weights(
      for: graph, seed: options.seed, initializer: options.initializer)
    return (weights.merging(drawn.filter { head.contains($0.key) }) { $1 }, true)
  }
}
