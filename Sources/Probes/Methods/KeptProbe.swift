public import LinearAlgebra

/// What predicts models of which nothing else is at hand: the part of a probe that a file holds.
public enum KeptProbe: Sendable {
  /// A network over a layer's matrix; for numbers, its score is times `deviation`, plus `mean`.
  case network(ProbeNetwork<Float>, mean: Double, deviation: Double, texts: Matrix<Float>?)
  /// A linear map of a layer's matrix: a row of weights for each output, and what is added.
  case dense(weights: Matrix<Float>, bias: [Double], rows: Int, columns: Int)
  /// A linear map of standardised numbers.
  case numbers(NumberRidge, ofMoments: Bool)
  /// The same scores for every model.
  case constant([Double])
  /// A probe for each of several trees of models.
  indirect case routed(RoutedProbe)

  /// The number of scores.
  public var outputCount: Int {
    switch self {
    case .network(let network, _, _, let texts):
      switch network.shape.head {
      case .linear(let outputs): outputs
      case .aligned: texts?.rows ?? 0
      }
    case .dense(let weights, _, _, _): weights.rows
    case .numbers(let ridge, _): ridge.bias.count
    case .constant(let scores): scores.count
    case .routed(let routed): routed.probes.first?.outputCount ?? 0
    }
  }

  /// How many numbers it has learned.
  public var parameterCount: Int {
    switch self {
    case .network(let network, _, _, _): network.shape.parameterCount
    case .dense(let weights, let bias, _, _): weights.values.count + bias.count
    case .numbers(let ridge, _): ridge.weights.values.count + ridge.bias.count
    case .constant(let scores): scores.count
    case .routed(let routed): routed.probes.reduce(0) { $0 + $1.parameterCount }
    }
  }

  /// The scores of models, a row for each.
  ///
  /// - Parameter input: a layer of the shape that was learned, or as many numbers.
  public func scores(
    of models: [Int], in input: ProbeInput, jobs: Int? = nil
  ) throws -> Matrix<Double> {
    switch self {
    case .network(let network, let mean, let deviation, let texts):
      guard let stack = input.stack else { preconditionFailure("a network reads a layer") }
      let scores = try network.scores(of: models, in: stack, texts: texts, jobs: jobs)
      return Matrix(widening: scores).mapped { $0 * deviation + mean }
    case .dense(let weights, let bias, _, _):
      guard let stack = input.stack else { preconditionFailure("a dense probe reads a layer") }
      return Self.scores(of: models, in: stack, weights, bias)
    case .numbers(let ridge, let ofMoments):
      let numbers = ofMoments ? try input.moments(jobs: jobs) : input.numbers
      guard let numbers else { preconditionFailure("a ridge of numbers reads numbers") }
      return ridge.scores(numbers.selectingRows(models))
    case .constant(let scores):
      return Matrix(rows: models.count, columns: scores.count) { scores[$1] }
    case .routed(let routed):
      return try routed.scores(of: models, in: input, jobs: jobs)
    }
  }

  /// Inner products of each model's matrix with each output's weights.
  private static func scores(
    of models: [Int], in stack: LayerStack<Float>, _ weights: Matrix<Float>, _ bias: [Double]
  ) -> Matrix<Double> {
    var result = Matrix<Double>(rows: models.count, columns: bias.count) { bias[$1] }
    for (row, model) in models.enumerated() {
      let factors = stack.rank.map { _ in LayerGram.Factors(stack, model) }
      for output in 0..<weights.rows {
        let start = output * weights.columns
        var sum = 0.0
        if let factors {
          // ⟨W, B·A⟩ is the sum over the elements of (Bᵀ·W) ∘ A.
          let own = Matrix<Double>(
            rows: stack.rows, columns: stack.columns,
            values: weights.values[start..<start + weights.columns].map(Double.init))
          let inner = BLAS.product(factors.left, transposingLeft: true, own)
          sum = zip(inner.values, factors.right.values).reduce(0) { $0 + $1.0 * $1.1 }
        } else {
          let base = model * stack.stride
          weights.values.withUnsafeBufferPointer { weights in
            stack.values.withUnsafeBufferPointer { values in
              for at in 0..<stack.stride {
                sum += Double(weights[start + at]) * Double(values[base + at])
              }
            }
          }
        }
        result[row, output] += sum
      }
    }
    return result
  }
}

extension KeptProbe: FittedProbe {
  /// It is what is kept.
  public func kept(from input: ProbeInput, jobs: Int?) throws -> KeptProbe? { self }
}
