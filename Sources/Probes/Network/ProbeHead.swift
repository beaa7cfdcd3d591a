import LinearAlgebra

/// The last step of a probe network: from representations to scores, and back.
struct ProbeHead<Scalar: BLASScalar> {
  private let shape: ProbeNetworkShape

  init(_ shape: ProbeNetworkShape) { self.shape = shape }

  /// Scores, and what the way back needs of an aligned head.
  struct Output {
    var scores: Matrix<Scalar>
    /// The representations and the classes at length 1, and the lengths that they had.
    var units: (left: Matrix<Scalar>, lengths: [Scalar], right: Matrix<Scalar>, widths: [Scalar])?
  }

  /// The scores of representations, a row for each.
  func forward(
    _ encoded: Matrix<Scalar>, _ parameters: [Scalar], texts: Matrix<Scalar>?
  ) -> Output {
    let (kernel, bias) = blocks(parameters)
    switch shape.head {
    case .linear:
      var scores = BLAS.product(encoded, kernel, transposingRight: true)
      Self.add(bias, to: &scores)
      return Output(scores: scores)
    case .aligned:
      guard let texts else { preconditionFailure("an aligned head needs text embeddings") }
      var mapped = BLAS.product(texts, kernel, transposingRight: true)
      Self.add(bias, to: &mapped)
      let (left, lengths) = Self.normalised(encoded)
      let (right, widths) = Self.normalised(mapped)
      return Output(
        scores: BLAS.product(left, right, transposingRight: true),
        units: (left, lengths, right, widths))
    }
  }

  /// The gradients of the representations, and of the head's parameters into `gradient`.
  func backward(
    _ scoreGradients: Matrix<Scalar>, _ output: Output, encoded: Matrix<Scalar>,
    _ parameters: [Scalar], texts: Matrix<Scalar>?, into gradient: inout [Scalar]
  ) -> Matrix<Scalar> {
    let (kernel, _) = blocks(parameters)
    guard let units = output.units, let texts else {
      write(BLAS.product(scoreGradients, transposingLeft: true, encoded), scoreGradients, &gradient)
      return BLAS.product(scoreGradients, kernel)
    }
    let left = Self.unnormalised(
      BLAS.product(scoreGradients, units.right), units.left, units.lengths)
    let right = Self.unnormalised(
      BLAS.product(scoreGradients, transposingLeft: true, units.left), units.right, units.widths)
    write(BLAS.product(right, transposingLeft: true, texts), right, &gradient)
    return left
  }

  private func blocks(_ parameters: [Scalar]) -> (kernel: Matrix<Scalar>, bias: [Scalar]) {
    let (kernel, bias) = shape.headBlocks
    return (
      Matrix(
        rows: kernel.shape[0], columns: kernel.shape[1], values: Array(parameters[kernel.range])),
      Array(parameters[bias.range])
    )
  }

  /// Puts the gradient of the matrix in its place, and the sums of columns in that of the bias.
  private func write(
    _ matrix: Matrix<Scalar>, _ rows: Matrix<Scalar>, _ gradient: inout [Scalar]
  ) {
    let (kernel, bias) = shape.headBlocks
    gradient.replaceSubrange(kernel.range, with: matrix.values)
    for at in bias.range { gradient[at] = 0 }
    for row in 0..<rows.rows {
      for column in 0..<rows.columns { gradient[bias.offset + column] += rows[row, column] }
    }
  }

  private static func add(_ bias: [Scalar], to matrix: inout Matrix<Scalar>) {
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns { matrix[row, column] += bias[column] }
    }
  }

  /// Rows at length 1, and their lengths. A row of zeros stays what it is.
  private static func normalised(_ matrix: Matrix<Scalar>) -> (Matrix<Scalar>, [Scalar]) {
    var units = matrix
    let lengths = (0..<matrix.rows).map { row -> Scalar in
      let start = row * matrix.columns
      let values = units.values[start..<start + matrix.columns]
      let length = Scalar(values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
      let divisor = length > 0 ? length : 1
      for at in start..<start + matrix.columns { units.values[at] /= divisor }
      return divisor
    }
    return (units, lengths)
  }

  private static func unnormalised(
    _ gradients: Matrix<Scalar>, _ units: Matrix<Scalar>, _ lengths: [Scalar]
  ) -> Matrix<Scalar> {
    var result = gradients
    for row in 0..<units.rows {
      let range = row * units.columns..<(row + 1) * units.columns
      let along = range.reduce(0.0) {
        $0 + Double(gradients.values[$1]) * Double(units.values[$1])
      }
      for at in range {
        result.values[at] =
          (gradients.values[at] - units.values[at] * Scalar(along)) / lengths[row]
      }
    }
    return result
  }
}
