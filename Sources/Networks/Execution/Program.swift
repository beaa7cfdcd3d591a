import COneDNN
import ModelGraph
import WorkbenchCore

/// A graph compiled for one batch size: memory planned, operations built, ready to run any number
/// of times without allocating.
///
/// A program is used by one thread at a time. Programs of one store may run side by side as long as
/// nobody changes the weights.
final class Program {
  /// The number of examples of a run.
  let batchSize: Int
  /// The shape of one example of the input, in the model's own order.
  let inputShape: [Int]
  /// The shape of one example of the output.
  let outputShape: [Int]
  private let input: Buffer
  private let output: Buffer
  private let outputGradient: Buffer?
  private let inputGradient: Buffer?
  private let outputTangent: Buffer?
  private let outputGradientTangent: Buffer?
  private let captures: [String: (shape: [Int], buffer: Buffer)]
  private let statistics: [StatisticsForm]
  private let preparation: [any Command]
  private let forwardCommands: [any Command]
  private let backwardCommands: [any Command]
  private let directionPreparation: [any Command]
  private let tangentForwardCommands: [any Command]
  private let tangentBackwardCommands: [any Command]
  private let state: RunState
  private let memory: AlignedMemory
  private let stream: Stream

  /// Compiles a graph. Call it under the same thread limit that the program will run under.
  init(
    graph: ModelGraph, batchSize: Int, options: ProgramOptions, store: ParameterStore,
    directions: ParameterStore? = nil
  ) throws {
    let builder = ProgramBuilder(
      graph: graph, batch: batchSize, options: options, store: store, directions: directions)
    let ends = try builder.compile()
    store.allocate()
    directions?.allocate()
    let forward = builder.forward
    let backward = builder.backward
    let preparation = builder.preparation + builder.directionPreparation
    let primal = forward + backward
    let tangent = builder.tangentForward + builder.tangentBackward
    let scratchByteCount =
      (preparation + primal + tangent)
      .map(\.scratchByteCount).max() ?? 0
    let scratch = Buffer(byteCount: scratchByteCount, isPinned: true)
    var plan = MemoryPlan()
    plan.use(scratch, at: 0)
    for command in preparation {
      for buffer in command.buffers { plan.use(buffer, at: 0) }
    }
    if options.keepsPrimal {
      let kept = Set(primal.flatMap(\.buffers).map(ObjectIdentifier.init))
      for buffer in tangent.flatMap(\.buffers) where kept.contains(ObjectIdentifier(buffer)) {
        buffer.isPinned = true
      }
    }
    for (tick, command) in (primal + tangent).enumerated() {
      for buffer in command.buffers { plan.use(buffer, at: tick) }
    }
    for buffer in ends.buffers { plan.use(buffer, at: 0) }
    memory = plan.allocate()
    for command in preparation + primal + tangent {
      try command.prepare(scratch: scratch)
    }
    self.batchSize = batchSize
    inputShape = ends.inputShape
    outputShape = ends.outputShape
    input = ends.input
    output = ends.output
    outputGradient = ends.outputGradient
    inputGradient = ends.inputGradient
    outputTangent = ends.outputTangent
    outputGradientTangent = ends.outputGradientTangent
    captures = ends.captures
    statistics = builder.statistics
    self.preparation = builder.preparation
    directionPreparation = builder.directionPreparation
    tangentForwardCommands = builder.tangentForward
    tangentBackwardCommands = builder.tangentBackward
    forwardCommands = forward
    backwardCommands = backward
    state = builder.state
    stream = try Stream()
  }

  /// The input, in the model's own order: `batchSize` examples.
  var inputs: UnsafeMutableBufferPointer<Float> { floats(input) }
  /// The output of the last forward run.
  var outputs: UnsafeMutableBufferPointer<Float> { floats(output) }
  /// Where the gradient of the loss with respect to the output goes before a backward run.
  var outputGradients: UnsafeMutableBufferPointer<Float> { outputGradient.map(floats) ?? .empty }
  /// The gradient with respect to the input after a backward run, where it was asked for.
  var inputGradients: UnsafeMutableBufferPointer<Float> { inputGradient.map(floats) ?? .empty }

  /// How the output of the last forward run changes along the direction, after `tangentForward`.
  var outputTangents: UnsafeMutableBufferPointer<Float> { outputTangent.map(floats) ?? .empty }
  /// Where the change of the output's gradient goes before `tangentBackward`.
  var outputGradientTangents: UnsafeMutableBufferPointer<Float> {
    outputGradientTangent.map(floats) ?? .empty
  }
  /// The memory it takes.
  var byteCount: Int { memory.byteCount }

  /// The output of a captured layer in the last forward run, and the shape of one example of it.
  func captured(_ name: String) -> (shape: [Int], values: UnsafeMutableBufferPointer<Float>)? {
    captures[name].map { ($0.shape, floats($0.buffer)) }
  }

  /// The statistics that batch normalisations took of the batch of the last forward run, in the
  /// order of the layers; none unless the program measures them.
  var batchMoments: [ChannelMoments] { statistics.map { $0.read() } }

  /// Brings the weights into the layouts the program wants. Call it after they changed.
  func prepareWeights() throws { for command in preparation { try command.run(on: stream) } }

  /// Computes the output from the input.
  ///
  /// - Parameter seed: decides the random choices of the run (dropout).
  func forward(seed: UInt64 = 0) throws {
    state.seed = seed
    for command in forwardCommands { try command.run(on: stream) }
  }

  /// Computes the gradients of the weights, from `outputGradients` and the last forward run.
  func backward() throws { for command in backwardCommands { try command.run(on: stream) } }

  /// Computes how the output changes along the direction, after `forward` and `backward`.
  func tangentForward() throws {
    for command in directionPreparation { try command.run(on: stream) }
    for command in tangentForwardCommands { try command.run(on: stream) }
  }

  /// Computes how the gradients of the weights change along the direction: the product of the second
  /// derivatives with it.
  func tangentBackward() throws {
    for command in tangentBackwardCommands { try command.run(on: stream) }
  }

  private func floats(_ buffer: Buffer) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: buffer.floats, count: buffer.byteCount / MemoryLayout<Float>.stride)
  }
}

extension UnsafeMutableBufferPointer {
  /// No elements.
  fileprivate static var empty: Self { Self(start: nil, count: 0) }
}
