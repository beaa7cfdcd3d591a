import ModelGraph
import Support

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
  /// What changes from run to run without being memory.
  let state = RunState()

  /// Run after the weights changed.
  var preparation: [any Command] = []
  private(set) var forward: [any Command] = []
  private(set) var backward: [any Command] = []
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
  var preparedWeights: [String: [Form]] = [:]
  var writtenGradients: Set<String> = []

  init(graph: ModelGraph, batch: Int, options: ProgramOptions, store: ParameterStore) {
    self.graph = graph
    self.batch = batch
    self.options = options
    self.store = store
    values = Array(repeating: nil, count: graph.layers.count)
    consumerCounts = Array(repeating: 0, count: graph.layers.count)
    for layer in graph.layers { for input in layer.inputs { consumerCounts[input] += 1 } }
  }

  /// Appends a command to the list that is being written.
  func emit(_ command: any Command) {
    if isEmittingBackward { backward.append(command) } else { forward.append(command) }
  }

  /// Has work done when the backward list is written, after that of all later layers.
  func onBackward(_ work: @escaping () throws -> Void) {
    if options.isTraining || options.needsInputGradient { backwardWork.append(work) }
  }

  /// Writes the backward list.
  func emitBackward() throws {
    isEmittingBackward = true
    for work in backwardWork.reversed() { try work() }
    backwardWork = []
  }
}
