import LinearAlgebra

/// The two factors of an update, in Float64.
struct FactorPair: Sendable {
  /// m×r.
  var left: Matrix<Double>
  /// r×n.
  var right: Matrix<Double>

  /// The sum of products, each times a factor, as one product: the left factors beside, the right ones
  /// below each other. Its rank is the sum of the ranks, and it is exact.
  ///
  /// - Parameter terms: one or more, of the same sides.
  init(sumOf terms: [(factor: Double, pair: FactorPair)]) {
    let rows = terms.first?.pair.left.rows ?? 0
    let columns = terms.reduce(0) { $0 + $1.pair.left.columns }
    var beside: [Double] = []
    beside.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for (factor, pair) in terms {
        let width = pair.left.columns
        beside += pair.left.values[row * width..<(row + 1) * width].map { factor * $0 }
      }
    }
    left = Matrix(rows: rows, columns: columns, values: beside)
    right = Matrix(
      rows: columns, columns: terms.first?.pair.right.columns ?? 0,
      values: terms.flatMap(\.pair.right.values))
  }

  init(left: Matrix<Double>, right: Matrix<Double>) {
    self.left = left
    self.right = right
  }

  /// The nearest product of a lower rank (Eckart and Young 1936), its singular values shared evenly by
  /// the factors, and the singular values of what was cut off.
  ///
  /// - Throws: `Diagnostic` of code `failed` where a decomposition does not converge.
  /// - Complexity: about 20·(m + n)·r² operations.
  func cut(to rank: Int) throws -> (pair: FactorPair, rest: [Double]) {
    let outer = try SingularValueDecomposition(left)
    // left = u·s·vᵀ, so that the product is u·(s·vᵀ·right).
    var core = BLAS.product(outer.right, transposingLeft: true, right)
    for row in 0..<core.rows {
      for place in row * core.columns..<(row + 1) * core.columns {
        core.values[place] *= outer.values[row]
      }
    }
    let inner = try SingularValueDecomposition(core)
    let kept = min(rank, inner.values.count)
    let roots = inner.values.prefix(kept).map { $0.squareRoot() }
    let vectors = BLAS.product(outer.left, inner.left)
    return (
      FactorPair(
        left: Matrix(rows: vectors.rows, columns: kept) { vectors[$0, $1] * roots[$1] },
        right: Matrix(rows: kept, columns: inner.right.rows) { inner.right[$1, $0] * roots[$0] }),
      Array(inner.values.dropFirst(kept))
    )
  }

  /// The sum of all elements of one product times those of another one of the same sides.
  ///
  /// - Complexity: 2·(m + n)·r·s operations; the products are not formed.
  func product(with other: FactorPair) -> Double {
    let lefts = BLAS.product(left, transposingLeft: true, other.left)
    let rights = BLAS.product(right, other.right, transposingRight: true)
    return zip(lefts.values, rights.values).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
