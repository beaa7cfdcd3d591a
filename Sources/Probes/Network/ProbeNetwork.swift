public import LinearAlgebra

/// A probe network: a shape and its parameters.
///
/// Float for work, Double where gradients are checked.
public struct ProbeNetwork<Scalar: BLASScalar>: Sendable {
  /// The sizes.
  public let shape: ProbeNetworkShape
  /// The parameters, as `shape.blocks` lays them out.
  public var parameters: [Scalar]

  /// Makes a network of given parameters.
  public init(shape: ProbeNetworkShape, parameters: [Scalar]) {
    precondition(parameters.count == shape.parameterCount, "the parameters must fill the shape")
    self.shape = shape
    self.parameters = parameters
  }

  /// Draws parameters as PyTorch's linear layers do: uniform within 1 / √fan-in, biases too. Each block
  /// draws from a generator of its own.
  public init(shape: ProbeNetworkShape, seed: UInt64) {
    let root = SeededGenerator(seed: seed)
    var parameters = [Scalar](repeating: 0, count: shape.parameterCount)
    for (index, block) in shape.blocks.enumerated() {
      var generator = root.derived(UInt64(index))
      let bound = 1 / Double(max(1, block.fanIn)).squareRoot()
      for at in block.range { parameters[at] = Scalar((2 * generator.uniform() - 1) * bound) }
    }
    self.init(shape: shape, parameters: parameters)
  }

  /// The representations of models: a row for each.
  ///
  /// - Parameters:
  ///   - models: which models of the stack.
  ///   - jobs: how many threads work; the numbers do not depend on it.
  public func representations(
    of models: [Int], in stack: LayerStack<Scalar>, jobs: Int? = nil
  ) throws -> Matrix<Scalar> {
    let pass = ProbePass<Scalar>(shape, capacity: min(models.count, ProbePass<Scalar>.evaluated))
    return try representations(of: models, in: stack, pass: pass, jobs: jobs)
  }

  /// The same with memory that is already there, for `ProbePass.evaluated` models at a time.
  private func representations(
    of models: [Int], in stack: LayerStack<Scalar>, pass: ProbePass<Scalar>, jobs: Int?
  ) throws -> Matrix<Scalar> {
    var result = Matrix<Scalar>(zeros: models.count, shape.representationCount)
    let width = shape.representationCount
    for start in stride(from: 0, to: models.count, by: ProbePass<Scalar>.evaluated) {
      let batch = Array(models[start..<min(models.count, start + ProbePass<Scalar>.evaluated)])
      try pass.represent(batch, of: stack, with: parameters, jobs: jobs)
      for at in 0..<batch.count * width {
        result.values[start * width + at] = pass.representations[at]
      }
    }
    return result
  }

  /// The scores of models before any squashing: a row for each, a column an output.
  ///
  /// - Parameter texts: for an aligned head, an embedding for each class.
  public func scores(
    of models: [Int], in stack: LayerStack<Scalar>, texts: Matrix<Scalar>? = nil, jobs: Int? = nil
  ) throws -> Matrix<Scalar> {
    let encoded = try representations(of: models, in: stack, jobs: jobs)
    return ProbeHead(shape).forward(encoded, parameters, texts: texts).scores
  }

  /// The same with memory that is already there, for `ProbePass.evaluated` models at a time.
  func scores(
    of models: [Int], in stack: LayerStack<Scalar>, texts: Matrix<Scalar>?,
    pass: ProbePass<Scalar>, jobs: Int?
  ) throws -> Matrix<Scalar> {
    let encoded = try representations(of: models, in: stack, pass: pass, jobs: jobs)
    return ProbeHead(shape).forward(encoded, parameters, texts: texts).scores
  }
}
