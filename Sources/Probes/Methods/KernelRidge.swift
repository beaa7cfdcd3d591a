import LinearAlgebra
import RealModule
import Support

/// Ridge regression from inner products alone: as many unknowns as models, however many weights there
/// are (Saunders, Gammerman and Vovk 1998).
///
/// The penalty is the one of least squared error when every model in turn is left out, which the
/// eigenvectors give in closed form (Allen 1974).
struct KernelRidge {
  /// The weight of each training model in the solution, a column an output; they sum to zero.
  let dual: Matrix<Double>
  /// What is added to each output.
  let bias: [Double]
  /// The penalty.
  let penalty: Double

  /// Solves for some models.
  ///
  /// - Parameters:
  ///   - gram: the inner products of the training models.
  ///   - wanted: what they are to give, a column an output.
  /// - Complexity: 9·n³ operations for the eigenvectors, then n²·outputs for each of the penalties.
  init(_ gram: Matrix<Double>, wanted: Matrix<Double>) throws {
    let count = gram.rows
    guard count > 1 else {
      throw Diagnostic(.badData, "a ridge regression needs at least two models")
    }
    let decomposition = try SymmetricEigenvectors(LayerGram.doublyCentred(gram))
    let vectors = decomposition.vectors
    let values = decomposition.values.map { max(0, $0) }
    let means = (0..<wanted.columns).map { column in
      (0..<count).reduce(0.0) { $0 + wanted[$1, column] } / Double(count)
    }
    let offsets = Matrix<Double>(rows: count, columns: wanted.columns) {
      wanted[$0, $1] - means[$1]
    }
    let projected = BLAS.product(vectors, transposingLeft: true, offsets)
    let largest = values.max() ?? 0
    guard largest > 0 else {
      // All models are the same: there is nothing to tell them by.
      dual = Matrix(zeros: count, wanted.columns)
      bias = means
      penalty = 0
      return
    }
    let squares = vectors.mapped { $0 * $0 }
    var best = (error: Double.infinity, penalty: largest)
    for step in 0...40 {
      let candidate = largest * Double.pow(10, 2 - Double(step) / 4)
      let error = Self.leftOutError(
        values, vectors, squares, projected, offsets, penalty: candidate)
      if error < best.error { best = (error, candidate) }
    }
    penalty = best.penalty
    let scaled = Matrix<Double>(rows: count, columns: wanted.columns) {
      projected[$0, $1] / (values[$0] + best.penalty)
    }
    // What lies along the constant vector has the eigenvalue zero, and no part in the solution.
    var dual = BLAS.product(vectors, scaled)
    for column in 0..<dual.columns {
      let mean = (0..<count).reduce(0.0) { $0 + dual[$1, column] } / Double(count)
      for row in 0..<count { dual[row, column] -= mean }
    }
    let rowMeans = (0..<count).map { row in
      gram.values[row * count..<(row + 1) * count].reduce(0, +) / Double(count)
    }
    bias = (0..<wanted.columns).map { column in
      means[column] - (0..<count).reduce(0.0) { $0 + dual[$1, column] * rowMeans[$1] }
    }
    self.dual = dual
  }

  /// The mean squared error of each model by the solution for all others.
  static func leftOutError(
    _ values: [Double], _ vectors: Matrix<Double>, _ squares: Matrix<Double>,
    _ projected: Matrix<Double>, _ offsets: Matrix<Double>, penalty: Double
  ) -> Double {
    let count = values.count
    let shares = values.map { $0 / ($0 + penalty) }
    let fitted = BLAS.product(
      vectors,
      Matrix<Double>(rows: count, columns: offsets.columns) { projected[$0, $1] * shares[$0] })
    var sum = 0.0
    for row in 0..<count {
      var leverage = 1 / Double(count)
      for column in 0..<count { leverage += squares[row, column] * shares[column] }
      let left = max(1 - leverage, 1e-9)
      for column in 0..<offsets.columns {
        let error = (offsets[row, column] - fitted[row, column]) / left
        sum += error * error
      }
    }
    return sum / Double(count * max(1, offsets.columns))
  }

  /// The outputs of other models.
  ///
  /// - Parameter products: their inner products with the training models, a row for each.
  func scores(_ products: Matrix<Double>) -> Matrix<Double> {
    var result = BLAS.product(products, dual)
    for row in 0..<result.rows {
      for column in 0..<result.columns { result[row, column] += bias[column] }
    }
    return result
  }
}

extension ProbeTargets {
  /// What a linear method is to give for some models: 1 for the class or label, −1 for the others; the
  /// number itself.
  func wanted(_ models: [Int]) -> Matrix<Double> {
    Matrix(rows: models.count, columns: outputCount) { row, column in
      switch self {
      case .classes(let classes, _): classes[models[row]] == column ? 1 : -1
      case .labels(let labels): labels[models[row], column] > 0.5 ? 1 : -1
      case .numbers(let numbers): numbers[models[row]]
      }
    }
  }
}
