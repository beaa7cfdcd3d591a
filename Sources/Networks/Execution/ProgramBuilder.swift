import ModelGraph
import WorkbenchCore

/// Compiles a graph for one batch size into lists of commands.
///
/// Each layer appends its forward commands, and leaves a closure that appends its backward ones;
/// the closures run in reverse when the forward list is complete. Layers work on values in whatever
/// layout they were made in; reorders are inserted where an operation wants another, once for each.
final class ProgramBuilder {
  let graph: ModelGraph
  let batch: Int
  let options: ProgramOptions
  let store: ParameterStore
  /// The directions of products with second derivatives, and the products.
  let directions: ParameterStore?
  /// What changes from run to run without being memory.
  let state = RunState()

  /// Run after the weights changed.
  var preparation: [any Command] = []
  private(set) var forward: [any Command] = []
  private(set) var backward: [any Command] = []
  /// The same for what depends on the direction of a product with second derivatives; they run after
  /// the other two lists.
  var directionPreparation: [any Command] = []
  private(set) var tangentForward: [any Command] = []
  private(set) var tangentBackward: [any Command] = []
  /// Whether commands go to the lists of what depends on the direction.
  private var isEmittingTangent = false
  var values: [Value?]
  /// Where the normalisations leave the statistics of the batch, where they are asked for.
  var statistics: [StatisticsForm] = []
  /// The memory that a run's examples are written to, once an input layer was compiled.
  var inputBuffer: Buffer?
  /// The shape of one example.
  var inputShape: [Int] = []
  /// The states in which recurrent layers end, by the layers that hand them on.
  var finalStates: [Int: Value] = [:]
  /// Layers whose work an earlier layer's operation did already.
  var fused: Set<Int> = []
  /// Layers that an earlier normalisation computes and differentiates as well.
  var fusedIntoNormalization: Set<Int> = []

  private var backwardWork: [() throws -> Void] = []
  private(set) var isEmittingBackward = false
  var consumerCounts: [Int]
  var preparedWeights: [ObjectIdentifier: [Form]] = [:]
  var writtenGradients: Set<String> = []

  init(
    graph: ModelGraph, batch: Int, options: ProgramOptions, store: ParameterStore,
    directions: ParameterStore? = nil
  ) {
    self.graph = graph
    self.batch = batch
    self.options = options
    self.store = store
    self.directions = directions
    values = Array(repeating: nil, count: graph.layers.count)
    consumerCounts = Array(repeating: 0, count: graph.layers.count)
    for layer in graph.layers { for input in layer.inputs { consumerCounts[input] += 1 } }
  }

  /// Appends a command to the list that is being written.
  func emit(_ command: any Command) {
    switch (isEmittingBackward, isEmittingTangent) {
    case (false, false): forward.append(command)
    case (true, false): backward.append(command)
    case (false, true): tangentForward.append(command)
    case (true, true): tangentBackward.append(command)
    }
  }

  /// Has commands go to the lists of what depends on the direction, or of what does not.
  func inTangent<Result>(_ isTangent: Bool = true, _ body: () throws -> Result) rethrows -> Result {
    let before = isEmittingTangent
    isEmittingTangent = isTangent
    defer { isEmittingTangent = before }
    return try body()
  }

  /// Has work done when the backward list is written, after that of all later layers.
  func onBackward(_ work: @escaping () throws -> Void) {
    guard options.isDifferentiated else { return }
    let isTangent = isEmittingTangent
    backwardWork.append { [self] in try inTangent(isTangent, work) }
  }

  /// Writes the backward list.
  func emitBackward() throws {
    isEmittingBackward = true
    for work in backwardWork.reversed() { try work() }
    backwardWork = []
  }
}
