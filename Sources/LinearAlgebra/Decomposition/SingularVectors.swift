import CBLAS
import CKernels
import CLAPACK
import WorkbenchCore

/// The singular values of a Float32 matrix in Float64, and its singular vectors in Float32:
/// `a ≈ Σ values[i]·left[i]·right[i]ᵀ`.
///
/// A matrix of Float32 has no better vectors than Float32 to give, and half of the work is done in it.
/// Values and the tridiagonal form of the Gram matrix are in Float64, the products after that in
/// Float32. A vector of value σ is within about 10⁻⁷·σmax/σ of the one in Float64.
public struct SingularVectors: Sendable {
  /// The singular values, falling; k = min(m, n) of them.
  public let values: [Double]
  /// The left singular vectors as rows, [k, m].
  public let left: Matrix<Float>
  /// The right singular vectors as rows, [k, n].
  public let right: Matrix<Float>

  /// Below this side, `dgesdd` on the matrix itself is as fast.
  private static let directSide = 128

  /// Decomposes a matrix.
  ///
  /// - Throws: `Diagnostic`: `badData` where an element is not finite, `failed` where nothing
  ///   converges.
  /// - Complexity: m·n·k + 4/3·k³ operations of Float64 and 2·m·n·k + 2·k³ of Float32; where two values
  ///   are too close to be told apart, those of `SingularValueDecomposition`.
  public init(_ matrix: borrowing Matrix<Float>) throws {
    let count = min(matrix.rows, matrix.columns)
    if count >= Self.directSide {
      guard matrix.values.allSatisfy(\.isFinite) else {
        throw Diagnostic(.badData, "a matrix to decompose must be finite")
      }
      if let (values, short) = try Self.shortVectors(of: matrix, count: count) {
        let long = Self.longVectors(of: matrix, short, values)
        let isWide = matrix.rows < matrix.columns
        self.values = values
        left = isWide ? short : long
        right = isWide ? long : short
        return
      }
    }
    // Of large matrices no vector is kept whose value is near the rounding of a Gram matrix.
    let whole =
      count >= Self.directSide
      ? try SingularValueDecomposition(byGramOf: matrix) : try SingularValueDecomposition(matrix)
    values = whole.values
    left = Self.rows(whole.left)
    right = Self.rows(whole.right)
  }

  private static func rows(_ columns: Matrix<Double>) -> Matrix<Float> {
    Matrix(rows: columns.rows, columns: columns.columns, values: columns.values.map { Float($0) })
      .transposed()
  }

  /// The angle that two vectors may be off the right one. Float32 rounds to a tenth of it.
  private static let angle = 1e-6

  /// The singular values and the vectors of the shorter side, as rows; nil where two values lie so
  /// close together that their vectors would not be orthogonal.
  private static func shortVectors(
    of matrix: borrowing Matrix<Float>, count: Int
  ) throws -> (values: [Double], vectors: Matrix<Float>)? {
    BLAS.useOneThread()
    let order = Int32(count)
    var gram = Matrix<Double>(zeros: count, count)
    var diagonal = Array(repeating: 0.0, count: count)
    var beside = Array(repeating: 0.0, count: count)
    var scales = Array(repeating: 0.0, count: count)
    var work = Array(repeating: 0.0, count: 64 * count)
    let lower = Int8(UInt8(ascii: "L"))
    let info = matrix.withView { view in
      gram.withMutableView { gram in
        SingularValues.formGram(view, into: gram.base)
        return LAPACKE_dsytrd_work(
          LAPACK_COL_MAJOR, lower, order, gram.base, order, &diagonal, &beside, &scales, &work,
          Int32(work.count))
      }
    }
    guard info == 0 else {
      throw Diagnostic(.failed, "a Gram matrix of \(count) was not reduced (\(info))")
    }
    var found = diagonal
    var besideSquares = beside.map { $0 * $0 }
    guard wsl_tridiagonal_values(&found, &besideSquares, count) == 0 else { return nil }
    let squares = found.sorted(by: >)
    var vectors = Matrix<Float>(zeros: count, count)
    var residuals = Array(repeating: 0.0, count: count)
    let status = vectors.withMutableView { vectors in
      wsl_tridiagonal_vectors(
        diagonal, beside, count, squares, count, vectors.base, &residuals)
    }
    guard status == 0, areApart(squares, residuals) else { return nil }
    // Back from the tridiagonal basis, in Float32. LAPACK's columns are our rows.
    var reflections = gram.values.map { Float($0) }
    var factors = scales.map { Float($0) }
    var room = Array(repeating: Float(0), count: 64 * count)
    let back = vectors.withMutableView { vectors in
      LAPACKE_sormtr_work(
        LAPACK_COL_MAJOR, Int8(UInt8(ascii: "L")), lower, Int8(UInt8(ascii: "N")), order, order,
        &reflections, order, &factors, vectors.base, order, &room, Int32(room.count))
    }
    guard back == 0 else {
      throw Diagnostic(.failed, "the vectors of a Gram matrix of \(count) failed (\(back))")
    }
    return (squares.map { max(0, $0).squareRoot() }, vectors)
  }

  /// Whether every vector is within `angle` of the right one: its residual, with the rounding of the
  /// factorisation, over the distance to the next value (Davis and Kahan).
  private static func areApart(_ squares: [Double], _ residuals: [Double]) -> Bool {
    let rounding = 4 * Double.ulpOfOne * (squares.first ?? 0)
    return squares.indices.allSatisfy { index in
      let above = index > 0 ? squares[index - 1] - squares[index] : .infinity
      let below =
        index + 1 < squares.count ? squares[index] - squares[index + 1] : .infinity
      return residuals[index] + rounding <= angle * min(above, below)
    }
  }

  /// The vectors of the longer side from those of the shorter one, as rows.
  private static func longVectors(
    of matrix: borrowing Matrix<Float>, _ short: Matrix<Float>, _ values: [Double]
  ) -> Matrix<Float> {
    let floor = 1e-7 * (values.first ?? 0)
    var long = BLAS.product(
      short, matrix, transposingRight: matrix.rows >= matrix.columns)
    let width = long.columns
    long.withMutableView { view in
      for (row, value) in values.enumerated() {
        let scale = value > floor ? Float(1 / value) : 0
        let elements = view.base + row * width
        for column in 0..<width { elements[column] *= scale }
      }
    }
    return long
  }
}
