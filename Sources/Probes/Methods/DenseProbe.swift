import LinearAlgebra
import Support

/// The dense expert: one linear map of all elements of a layer's matrix, solved by kernel ridge
/// regression in closed form. The published one is trained by gradient descent.
public struct DenseProbe: ProbeMethod {
  /// Makes the method.
  public init() {}

  /// What it is.
  public var description: ProbeMethodDescription {
    ProbeMethodDescription(
      name: "dense", title: "a linear map of all weights of a layer, by kernel ridge regression",
      source: "the dense expert of Horwitz et al. 2025; Saunders et al., ICML 1998",
      subject: .layer)
  }

  /// Computes the inner products.
  public func prepare(_ input: ProbeInput, jobs: Int?) throws {
    _ = try input.gram(jobs: jobs)
  }

  /// Solves for the training models.
  public func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws -> any FittedProbe {
    let gram = try input.gram(jobs: jobs)
    let ridge = try KernelRidge(
      gram.selecting(rows: training, columns: training), wanted: targets.wanted(training))
    return Fitted(ridge: ridge, training: training, elementCount: input.stack?.elementCount ?? 0)
  }

  private struct Fitted: FittedProbe {
    let ridge: KernelRidge
    let training: [Int]
    let elementCount: Int

    var parameterCount: Int { (elementCount + 1) * ridge.bias.count }

    func scores(of models: [Int], in input: ProbeInput, jobs: Int?) throws -> Matrix<Double> {
      ridge.scores(try input.gram(jobs: jobs).selecting(rows: models, columns: training))
    }

    /// The weights of all elements: the training models' matrices, each times its dual weight. The
    /// inner products were taken around the mean of all models, which goes into the bias.
    func kept(from input: ProbeInput, jobs: Int?) throws -> KeptProbe? {
      guard let stack = input.stack else { return nil }
      let outputs = ridge.bias.count
      let weights = try Parallel.map(count: outputs, jobs: jobs) { output -> [Double] in
        var sums = [Double](repeating: 0, count: stack.elementCount)
        for (row, model) in training.enumerated() {
          let share = ridge.dual[row, output]
          let start = model * stack.stride
          if stack.rank == nil {
            stack.values.withUnsafeBufferPointer { values in
              for at in 0..<stack.stride { sums[at] += share * Double(values[start + at]) }
            }
          } else {
            let factors = LayerGram.Factors(stack, model)
            let product = BLAS.product(factors.left, factors.right)
            for at in sums.indices { sums[at] += share * product.values[at] }
          }
        }
        return sums
      }
      let kept = KeptProbe.dense(
        weights: Matrix(
          rows: outputs, columns: stack.elementCount,
          values: weights.flatMap { $0.map { Float($0) } }),
        bias: Array(repeating: 0, count: outputs), rows: stack.rows, columns: stack.columns)
      // The bias by what the scores of the training models are.
      let plain = try kept.scores(of: training, in: input, jobs: jobs)
      let wanted = try scores(of: training, in: input, jobs: jobs)
      let bias = (0..<outputs).map { output in
        training.indices.reduce(0.0) { $0 + wanted[$1, output] - plain[$1, output] }
          / Double(max(1, training.count))
      }
      guard case .dense(let matrix, _, let rows, let columns) = kept else { return nil }
      return .dense(weights: matrix, bias: bias, rows: rows, columns: columns)
    }
  }
}
