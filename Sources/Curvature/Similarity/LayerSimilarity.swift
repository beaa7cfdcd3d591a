public import LinearAlgebra
import Support

/// How alike what several networks make of the same examples is: linear CKA (Kornblith, Norouzi, Lee and
/// Hinton 2019), SVCCA (Raghu et al. 2017), and the agreement of predictions.
///
/// Each measure is of two matrices with a row an example. None changes when the columns are permuted or
/// turned, or scaled together. A pair is compared by the inner products of columns where there are few of
/// them, as of logits, and by those of examples where layers are wide: both say the same.
public struct LayerSimilarity: Sendable {
  /// The number of examples.
  public let count: Int
  /// The columns, each less its mean.
  private let features: Matrix<Double>
  /// The inner products of examples, K = X·Xᵀ, where the layer is so wide that they are fewer.
  private let gram: Matrix<Double>?
  /// The inner product of each example with itself.
  private let squares: [Double]

  /// Prepares what a network makes of some examples.
  ///
  /// - Parameters:
  ///   - features: a row an example.
  ///   - withGram: whether the inner products of examples are computed now, to be used by every pair.
  /// - Complexity: O(n·width), and O(n²·width) with the inner products.
  public init(_ features: consuming Matrix<Double>, withGram: Bool) {
    let (rows, columns) = (features.rows, features.columns)
    var centered = features
    var means = Array(repeating: 0.0, count: columns)
    for row in 0..<rows {
      for column in 0..<columns { means[column] += centered.values[row * columns + column] }
    }
    for column in 0..<columns { means[column] /= Double(max(1, rows)) }
    var squares = Array(repeating: 0.0, count: rows)
    for row in 0..<rows {
      for column in 0..<columns {
        let value = centered.values[row * columns + column] - means[column]
        centered.values[row * columns + column] = value
        squares[row] += value * value
      }
    }
    count = rows
    gram = withGram ? BLAS.gram(centered, ofRows: true) : nil
    self.features = centered
    self.squares = squares
  }

  /// Whether pairs of layers of this width are compared faster by the inner products of examples.
  static func prefersGram(width: Int, count: Int) -> Bool { width * width > 4 * count }

  /// ‖Xᵀ·Y‖² = Σ K∘L.
  private func product(_ other: LayerSimilarity) -> Double {
    if let gram, let otherGram = other.gram { return dot(gram.values, otherGram.values) }
    let crossed = BLAS.product(features, transposingLeft: true, other.features)
    return dot(crossed.values, crossed.values)
  }

  /// The Hilbert–Schmidt independence criterion of two layers: Σ K∘L/(n − 1)².
  public func biasedHSIC(_ other: LayerSimilarity) -> Double {
    let scale = Double(max(1, count - 1))
    return product(other) / (scale * scale)
  }

  /// The unbiased estimate of the same (Song et al. 2012, equation 5); it may be below 0.
  ///
  /// The estimate leaves the diagonals out. As rows of a centred K add up to 0, those without their
  /// diagonal add up to −K_ii.
  ///
  /// - Precondition: at least four examples.
  public func unbiasedHSIC(_ other: LayerSimilarity) -> Double {
    precondition(count > 3, "the estimate needs four examples")
    let n = Double(count)
    let diagonal = dot(squares, other.squares)
    let sums = squares.reduce(0, +) * other.squares.reduce(0, +)
    let whole =
      product(other) - diagonal + sums / ((n - 1) * (n - 2)) - 2 * diagonal / (n - 2)
    return whole / (n * (n - 3))
  }

  /// The mean of the canonical correlations of two layers.
  ///
  /// - Parameters:
  ///   - a, b: `directions` of each.
  /// - Returns: NaN where one does not vary.
  /// - Throws: `Diagnostic` where an element is not finite.
  public static func meanSVCCA(_ a: Matrix<Double>, _ b: Matrix<Double>) throws -> Double {
    guard a.columns > 0, b.columns > 0 else { return .nan }
    let crossed = BLAS.product(a, transposingLeft: true, b)
    let squares = try SymmetricEigenvectors(BLAS.gram(crossed, ofRows: a.columns < b.columns))
    let correlations = squares.values.map { min(1, max(0, $0)).squareRoot() }
    return correlations.mean ?? .nan
  }

  /// The directions, in the space of examples, that hold `share` of the variance: orthonormal columns.
  ///
  /// - Throws: `Diagnostic` where an element is not finite.
  /// - Complexity: O(min(n, width)³).
  public func directions(share: Double = 0.99) throws -> Matrix<Double> {
    let isNarrow = features.columns <= count
    let all = try SymmetricEigenvectors(
      isNarrow
        ? BLAS.gram(features, ofRows: false) : gram ?? BLAS.gram(features, ofRows: true))
    let total = all.values.reduce(0) { $0 + max(0, $1) }
    guard total > 0 else { return Matrix(zeros: count, 0) }
    var kept = 0
    var sum = 0.0
    for value in all.values.reversed() {
      guard sum < share * total, value > 1e-12 * total else { break }
      sum += value
      kept += 1
    }
    let last = all.values.count - 1
    let leading = Matrix<Double>(rows: all.values.count, columns: kept) { row, column in
      // X = U·S·Vᵀ: of the columns' products V is known, and U = X·V·S⁻¹.
      all.vectors[row, last - column] / (isNarrow ? all.values[last - column].squareRoot() : 1)
    }
    return isNarrow ? BLAS.product(features, leading) : leading
  }
}
