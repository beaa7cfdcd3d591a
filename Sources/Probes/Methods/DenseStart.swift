import LinearAlgebra
import Support

/// Begins a ProbeX network as the dense expert, cut to the ranks that the network has: its tensor of weights
/// W[i, j, k] by the truncated singular value decomposition of each of its three unfoldings (De Lathauwer,
/// De Moor and Vandewalle, "A multilinear singular value decomposition", 2000).
///
/// A linear network then computes Σ G V U T, proposition 2 of Horwitz et al. 2025. One with a rectifier gets
/// every probe twice, with both signs, as relu(p) − relu(−p) = p: half as many probes are told apart. What
/// the ranks leave over is drawn as always, and weighs nothing at first.
struct DenseStart {
  /// The weights of the dense expert, a matrix an output, and what is added.
  private let weights: Matrix<Float>
  private let bias: [Double]
  private let (rows, columns): (Int, Int)
  private let jobs: Int?

  /// Solves for the dense expert.
  ///
  /// - Parameter targets: as the network learns them: numbers at mean 0 and deviation 1.
  /// - Returns: nil where it keeps nothing.
  init?(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws {
    let fitted = try DenseProbe().fit(
      input, targets, training: training, validation: validation, settings: settings, jobs: jobs)
    guard
      case .dense(let weights, let bias, let rows, let columns)? = try fitted.kept(
        from: input, jobs: jobs)
    else { return nil }
    // Its scores are near 1 and −1: as logits they are larger.
    let scores = try fitted.scores(of: validation, in: input, jobs: jobs)
    let factor = Calibration.factor(scores, targets, validation)
    self.weights = Matrix(
      rows: weights.rows, columns: weights.columns,
      values: weights.values.map { $0 * Float(factor) })
    self.bias = bias.map { $0 * factor }
    (self.rows, self.columns) = (rows, columns)
    self.jobs = jobs
  }

  /// Puts the dense expert into the parameters of a network of one branch and a linear head.
  ///
  /// - Complexity: O(elements · outputs · (rows + columns)) and the cubes of the three sides.
  func begin(_ network: inout ProbeNetwork<Float>) throws {
    let shape = network.shape
    let outputs = weights.rows
    let probes = shape.rectifies ? shape.probeCount / 2 : shape.probeCount
    let v = try Self.leading(try gram(ofRows: true), min(shape.projectionCount, rows))
    let u = try Self.leading(try gram(ofRows: false), min(probes, columns))
    let t = try Self.leading(
      BLAS.gram(Matrix(widening: weights), ofRows: true), min(shape.representationCount, outputs))
    let core = try core(v, u)
    let blocks = shape.blocks
    func set(_ block: ProbeNetworkShape.Block, _ row: Int, _ column: Int, _ value: Double) {
      network.parameters[block.offset + row * block.shape[1] + column] = Float(value)
    }
    for at in 0..<u.columns {
      for row in 0..<columns {
        set(blocks[0], row, at, u[row, at])
        if shape.rectifies { set(blocks[0], row, probes + at, -u[row, at]) }
      }
    }
    for at in 0..<v.columns {
      for row in 0..<rows { set(blocks[1], at, row, v[row, at]) }
    }
    let (kernel, encoderBias) = shape.encoder
    for representation in 0..<t.columns {
      for at in 0..<kernel.shape[1] { set(kernel, representation, at, 0) }
      network.parameters[encoderBias.offset + representation] = 0
      for probe in 0..<u.columns {
        for projection in 0..<v.columns {
          let value = (0..<outputs).reduce(0.0) {
            $0 + t[$1, representation] * core[$1][projection, probe]
          }
          let place = probe * shape.projectionCount + projection
          set(kernel, representation, place, value)
          if shape.rectifies {
            set(kernel, representation, place + probes * shape.projectionCount, -value)
          }
        }
      }
    }
    let (head, headBias) = shape.headBlocks
    for output in 0..<outputs {
      for representation in 0..<shape.representationCount {
        set(
          head, output, representation,
          representation < t.columns ? t[output, representation] : 0)
      }
      network.parameters[headBias.offset + output] = Float(bias[output])
    }
  }

  /// The matrix of an output, in Float64.
  private func matrix(_ output: Int) -> Matrix<Double> {
    let size = rows * columns
    return Matrix(
      rows: rows, columns: columns,
      values: weights.values[output * size..<(output + 1) * size].map(Double.init))
  }

  /// The sum over outputs of W·Wᵀ, or of Wᵀ·W.
  private func gram(ofRows: Bool) throws -> Matrix<Double> {
    let grams = try Parallel.map(count: weights.rows, jobs: jobs) {
      BLAS.gram(matrix($0), ofRows: ofRows)
    }
    var sum = Matrix<Double>(zeros: ofRows ? rows : columns, ofRows ? rows : columns)
    for gram in grams {
      for at in sum.values.indices { sum.values[at] += gram.values[at] }
    }
    return sum
  }

  /// Vᵀ·W·U for each output.
  private func core(_ v: Matrix<Double>, _ u: Matrix<Double>) throws -> [Matrix<Double>] {
    try Parallel.map(count: weights.rows, jobs: jobs) {
      BLAS.product(BLAS.product(v, transposingLeft: true, matrix($0)), u)
    }
  }

  /// The eigenvectors of the largest eigenvalues, a column each, the largest first.
  private static func leading(_ matrix: Matrix<Double>, _ count: Int) throws -> Matrix<Double> {
    let found = try SymmetricEigenvectors(matrix)
    let side = matrix.rows
    return Matrix(rows: side, columns: count) { found.vectors[$0, side - 1 - $1] }
  }
}
