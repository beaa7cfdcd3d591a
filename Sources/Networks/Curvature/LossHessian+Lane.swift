import ModelGraph
import Support

extension LossHessian {
  /// What one thread computes with: directions of its own, and a program for every batch of its own, or
  /// for every size of batch where nothing is kept.
  ///
  /// It may be handed to a thread because every item of the parallel work has a lane of its own.
  final class Lane: @unchecked Sendable {
    let directions: ParameterStore
    let inputShape: [Int]
    let outputShape: [Int]
    private let programs: [Program]
    /// A direction or a product as it lies in the files, tensor by tensor.
    var flat = AlignedMemory(byteCount: 0)
    var dimension = 0
    /// The program of each of the lane's batches.
    private let places: [Int]

    /// Compiles programs for the lane's batches.
    ///
    /// - Parameter sizes: how many examples each batch has.
    init(graph: ModelGraph, sizes: [Int], options: ProgramOptions, store: ParameterStore) throws {
      let directions = try ParameterStore(isTrained: true)
      var programs: [Program] = []
      var places: [Int] = []
      try ThreadLimit.with(1) {
        for size in sizes {
          if !options.keepsPrimal, let known = programs.firstIndex(where: { $0.batchSize == size })
          {
            places.append(known)
            continue
          }
          places.append(programs.count)
          programs.append(
            try Program(
              graph: graph, batchSize: size, options: options, store: store,
              directions: directions))
        }
      }
      precondition(!programs.isEmpty, "a lane has a batch")
      self.directions = directions
      self.programs = programs
      self.places = places
      inputShape = programs[0].inputShape
      outputShape = programs[0].outputShape
    }

    /// The memory of its programs.
    var byteCount: Int { programs.reduce(0) { $0 + $1.byteCount } }

    /// Takes over weights that changed.
    func prepare() throws { for program in programs { try program.prepareWeights() } }

    /// Computes what does not depend on the direction.
    ///
    /// - Parameter place: which of the lane's batches it is.
    /// - Returns: the sum of the losses.
    func primal(_ place: Int, _ range: Range<Int>, _ measured: Measured<Lane>) throws -> Double {
      let program = programs[places[place]]
      guard let inputs = program.inputs.baseAddress, let outputs = program.outputs.baseAddress,
        let gradients = program.outputGradients.baseAddress
      else { preconditionFailure("the program is differentiated") }
      let size = measured.dataset.exampleSize
      measured.dataset.examples.withUnsafeBufferPointer { all in
        guard let base = all.baseAddress else { return }
        inputs.update(from: base + range.lowerBound * size, count: range.count * size)
      }
      try program.forward()
      let sum = measured.evaluate(
        outputs, size: outputShape.reduce(1, *), examples: range, gradient: gradients)
      try program.backward()
      return sum.loss
    }

    /// Computes the product with the direction; it is left in the gradients of `directions`.
    func tangent(_ place: Int, _ range: Range<Int>, _ measured: Measured<Lane>) throws {
      let program = programs[places[place]]
      try program.tangentForward()
      guard let outputs = program.outputs.baseAddress,
        let tangents = program.outputTangents.baseAddress,
        let change = program.outputGradientTangents.baseAddress
      else { throw Diagnostic(.usage, "the network's output does not depend on its weights") }
      measured.tangent(
        outputs, tangents, size: outputShape.reduce(1, *), examples: range.count, into: change)
      try program.tangentBackward()
    }
  }
}
