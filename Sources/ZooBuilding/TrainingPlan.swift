import Catalogs
import ModelGraph
import Networks
import Support
import Tensors
import WeightFiles
import ZooSpecs

/// A model that is ready to be trained: its network, and the weights that it starts with.
struct TrainingPlan {
  let recipe: ModelRecipe
  let graph: ModelGraph
  /// The parent's weights; nil where weights are drawn.
  let initial: Weights?
  private let parent: Ancestor?
  /// What the file says of a network of sequences, that its tensors alone do not tell.
  private let sequence: SequencePlan?
  private let hasNewHead: Bool

  /// Prepares a model for training examples of a shape.
  init(_ recipe: ModelRecipe, exampleShape: [Int], classCount: Int, parent: Ancestor?) throws {
    self.recipe = recipe
    self.parent = parent
    if case .sequence(let sequence) = recipe.architecture {
      self.sequence = try sequence.plan(exampleShape: exampleShape, classCount: classCount)
    } else {
      sequence = nil
    }
    graph = try recipe.architecture.graph(inputShape: exampleShape, classCount: classCount)
    let start = try parent?.weights(for: graph, options: recipe.training.options)
    initial = start?.weights
    hasNewHead = start?.hasNewHead ?? false
  }

  /// A hash of everything that decides the trained bytes but the data themselves.
  var hash: String {
    FileHash.sha256(of: identity.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined())
  }

  /// The recipe and the lineage as attributes.
  private var identity: [String: Catalog.Attribute] {
    var attributes = recipe.attributes.merging(sequence?.attributes ?? [:]) { $1 }
    attributes["fingerprint"] = .string(graph.fingerprint)
    if let parent {
      attributes["parent_sha256"] = .string(parent.hash)
      attributes["classifier_reinitialized"] = .numbers([hasNewHead ? 1 : 0])
    }
    return attributes
  }

  /// The file of a model after some epochs: the tensors in the order of the graph, the recipe and
  /// the results as attributes. Times are left out, so that the same recipe gives the same bytes.
  func document(weights: Weights, history: [EpochRecord]) throws -> HDF5Document {
    var document = HDF5Document()
    for parameter in graph.parameters {
      guard let tensor = weights[parameter.tensor] else {
        throw Diagnostic(.failed, "training lost a tensor", at: [recipe.name, parameter.tensor])
      }
      document.add(parameter.tensor, tensor)
    }
    var attributes = identity
    attributes["recipe_sha256"] = .string(hash)
    attributes["producer"] = .string("wsl")
    attributes["parameters"] = .numbers([
      Double(graph.parameters.reduce(0) { $0 + $1.shape.reduce(1, *) })
    ])
    if let input = graph.layers.first?.outputShape, !input.contains(nil) {
      attributes["input_shape"] = .numbers(input.compactMap { $0.map(Double.init) })
    }
    if let last = history.last {
      attributes["train_loss"] = .numbers([last.training.loss])
      attributes["train_accuracy"] = .numbers([last.training.accuracy])
      if let test = last.validation {
        attributes["test_loss"] = .numbers([test.loss])
        attributes["test_accuracy"] = .numbers([test.accuracy])
      }
    }
    if !history.isEmpty {
      attributes["history_learning_rate"] = .numbers(history.map(\.learningRate))
      attributes["history_train_loss"] = .numbers(history.map(\.training.loss))
      attributes["history_train_accuracy"] = .numbers(history.map(\.training.accuracy))
      attributes["history_test_loss"] = .numbers(history.compactMap { $0.validation?.loss })
      attributes["history_test_accuracy"] = .numbers(
        history.compactMap { $0.validation?.accuracy })
    }
    document.attributes[""] = attributes
    return document
  }
}
