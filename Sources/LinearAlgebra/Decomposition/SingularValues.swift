import CBLAS
import Support

/// The singular values of a matrix alone, without vectors: several times faster than `gesdd`, which is
/// what NumPy, SciPy and PyTorch call.
///
/// The eigenvalues of the Gram matrix of the shorter side, in Float64. Squaring the singular values of
/// Float32 data in Float64 loses nothing that the data hold: the error is about 2⁻⁵³·σmax²/σ. Where a
/// matrix is so close to singular that this would show (σ below about 10⁻⁶·σmax), and where it is so
/// small that nothing is gained, LAPACK's `dgesdd` on the matrix itself decides.
public enum SingularValues {
  /// In which precision the work is done.
  public enum Precision: String, Sendable, Hashable, CaseIterable {
    /// Float64: within 10⁻⁷·σmax of `dgesdd`, and usually within 10⁻¹².
    case double = "f64"
    /// Float32, in half the time: a relative error of about 10⁻⁷·(σmax/σ)², so the larger values have
    /// six digits and what lies below 10⁻³·σmax is rounding.
    case single = "f32"
  }

  /// Below this side, `dgesdd` is as fast.
  static let directSide = 24

  /// The singular values, falling; as many as the shorter side is long.
  ///
  /// - Parameters:
  ///   - matrix: m×n. Rows and columns of zeros cost nothing.
  ///   - precision: in which precision the work is done.
  /// - Throws: `Diagnostic`: `badData` where an element is not finite, `failed` where nothing
  ///   converges.
  /// - Complexity: m·k² + 4/3·k³ operations for k = min(m, n) ≤ m; memory for half of k²
  ///   numbers of the precision.
  public static func of(
    _ matrix: MatrixView<Float>, precision: Precision = .double
  ) throws -> [Double] {
    let count = min(matrix.rows, matrix.columns)
    guard count > 0 else { return [] }
    BLAS.useOneThread()
    let occupied = OccupiedAxes(matrix)
    guard occupied.isFinite else {
      throw Diagnostic(.badData, "a matrix to decompose must be finite")
    }
    var values: [Double]
    if occupied.isFull(of: matrix) {
      values = try ofFull(matrix, precision, largest: occupied.largest)
    } else {
      let core = occupied.gathered(from: matrix)
      values = try core.withView { try ofFull($0, precision, largest: occupied.largest) }
    }
    values += Array(repeating: 0, count: count - values.count)
    return values
  }

  /// The singular values of a matrix that the caller owns.
  public static func of(
    _ matrix: borrowing Matrix<Float>, precision: Precision = .double
  ) throws -> [Double] {
    try matrix.withView { try of($0, precision: precision) }
  }

  private static func ofFull(
    _ matrix: MatrixView<Float>, _ precision: Precision, largest: Float
  ) throws -> [Double] {
    let count = min(matrix.rows, matrix.columns)
    guard count > 0 else { return [] }
    if count <= directSide { return try direct(matrix) }
    if precision == .single {
      let squares = try gramTiled(matrix, largest: largest, as: Float.self)
      return squares.reversed().map { max(0, $0).squareRoot() }
    }
    let squares = try gramTiled(matrix, largest: largest, as: Double.self)
    let top = squares.last ?? 0
    // Eigenvalues below the rounding of the largest would come out as its square root, 10⁻⁸·σmax.
    let floor = max(1e-12, 4 * Double(count) * 0x1p-52) * top
    guard (squares.first ?? 0) > floor else { return try direct(matrix) }
    return squares.reversed().map { $0.squareRoot() }
  }
}
