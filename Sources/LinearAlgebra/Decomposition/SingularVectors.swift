import CBLAS
import CEigenvalues
import CLAPACK
import Support

/// The singular values of a Float32 matrix in Float64, and its singular vectors in Float32:
/// `a ≈ Σ values[i]·left[i]·right[i]ᵀ`.
///
/// A matrix of Float32 has no better vectors than Float32 to give, and most of the work is done in it:
/// values and the tridiagonal form of the Gram matrix are in Float64, the products after that in
/// Float32. This puts a vector of value σ off by about 10⁻⁷·σmax/σ, so the vectors of small values are
/// found in Float64 throughout, and narrowed at the end.
///
/// Vectors of values below 10⁻⁷·σmax are zero on the longer side: they are rounding.
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
  /// - Complexity: m·n·k + 4/3·k³ operations of Float64 and 2·m·n·k + 2·k³ of Float32; of these as many
  ///   in Float64 as there are small values. Where two values are too close to be told apart, that of
  ///   `SingularValueDecomposition`.
  public init(_ matrix: borrowing Matrix<Float>) throws {
    let count = min(matrix.rows, matrix.columns)
    guard count >= Self.directSide else {
      self.init(try SingularValueDecomposition(matrix), scale: 1)
      return
    }
    let occupied = matrix.withView { OccupiedAxes($0) }
    guard occupied.isFinite else {
      throw Diagnostic(.badData, "a matrix to decompose must be finite")
    }
    // Products and quotients in Float32 stay in range where the elements are about 1.
    let exponent = occupied.largest > 0 ? Int(occupied.largest.exponent) : 0
    if abs(exponent) <= 24 {
      try self.init(inRange: matrix, count: count, scale: 1)
    } else {
      let scaled = Matrix(
        rows: matrix.rows, columns: matrix.columns,
        values: matrix.values.map { Float(sign: .plus, exponent: -exponent, significand: $0) })
      try self.init(
        inRange: scaled, count: count,
        scale: Double(sign: .plus, exponent: exponent, significand: 1))
    }
  }

  private init(inRange matrix: borrowing Matrix<Float>, count: Int, scale: Double) throws {
    guard let (found, short, tail) = try Self.shortVectors(of: matrix, count: count) else {
      self.init(try SingularValueDecomposition(byGramOf: matrix), scale: scale)
      return
    }
    let long = Self.longVectors(of: matrix, short, tail: tail, found)
    let isWide = matrix.rows < matrix.columns
    self.init(
      values: found.map { $0 * scale }, left: isWide ? short : long, right: isWide ? long : short)
  }

  private init(_ whole: SingularValueDecomposition, scale: Double) {
    self.init(
      values: whole.values.map { $0 * scale }, left: Self.rows(whole.left),
      right: Self.rows(whole.right))
  }

  private init(values: [Double], left: Matrix<Float>, right: Matrix<Float>) {
    self.values = values
    self.left = left
    self.right = right
  }

  private static func rows(_ columns: Matrix<Double>) -> Matrix<Float> {
    Matrix(rows: columns.rows, columns: columns.columns, values: columns.values.map { Float($0) })
      .transposed()
  }

  /// The angle that two vectors may be off the right one. Float32 rounds to a tenth of it.
  private static let angle = 1e-6
  /// Vectors of values below this share of the largest are found in Float64.
  private static let smallShare = 0x1p-5

  /// The singular values and the vectors of the shorter side, as rows, and those of the small values,
  /// the last ones, in Float64 as well; nil where two values lie so close together that their vectors
  /// would not be orthogonal.
  private static func shortVectors(
    of matrix: borrowing Matrix<Float>, count: Int
  ) throws -> (values: [Double], vectors: Matrix<Float>, tail: Matrix<Double>)? {
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
    let bound = smallShare * smallShare * squares[0]
    let headCount = squares.prefix { $0 >= bound }.count
    let tailCount = count - headCount
    var vectors = Matrix<Float>(zeros: count, count)
    var tail = Matrix<Double>(zeros: tailCount, count)
    var residuals = Array(repeating: 0.0, count: count)
    let status = vectors.withMutableView { vectors in
      tail.withMutableView { tail in
        residuals.withUnsafeMutableBufferPointer { residuals in
          squares.withUnsafeBufferPointer { squares in
            guard let errors = residuals.baseAddress, let known = squares.baseAddress else {
              return Int32(1)
            }
            return wsl_tridiagonal_vectors(
              diagonal, beside, count, known, headCount, vectors.base, nil, errors)
              | wsl_tridiagonal_vectors(
                diagonal, beside, count, known + headCount, tailCount, nil, tail.base,
                errors + headCount)
          }
        }
      }
    }
    guard status == 0, areApart(squares, residuals) else { return nil }
    // Back from the tridiagonal basis. LAPACK's columns are our rows.
    let (leftSide, plain) = (Int8(UInt8(ascii: "L")), Int8(UInt8(ascii: "N")))
    var back = Int32(0)
    if tailCount > 0 {
      back = tail.withMutableView { tail in
        LAPACKE_dormtr_work(
          LAPACK_COL_MAJOR, leftSide, lower, plain, order, Int32(tailCount), gram.values, order,
          scales, tail.base, order, &work, Int32(work.count))
      }
    }
    if headCount > 0, back == 0 {
      let reflections = gram.values.map { Float($0) }
      let factors = scales.map { Float($0) }
      var room = Array(repeating: Float(0), count: 64 * count)
      back = vectors.withMutableView { vectors in
        LAPACKE_sormtr_work(
          LAPACK_COL_MAJOR, leftSide, lower, plain, order, Int32(headCount), reflections, order,
          factors, vectors.base, order, &room, Int32(room.count))
      }
    }
    guard back == 0 else {
      throw Diagnostic(.failed, "the vectors of a Gram matrix of \(count) failed (\(back))")
    }
    for (index, element) in tail.values.enumerated() {
      vectors.values[headCount * count + index] = Float(element)
    }
    return (squares.map { max(0, $0).squareRoot() }, vectors, tail)
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
}
