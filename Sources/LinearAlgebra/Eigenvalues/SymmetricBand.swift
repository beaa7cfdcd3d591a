import CEigenvalues
import Support

/// A symmetric matrix of a few subdiagonals, and its eigenvalues.
struct SymmetricBand<Scalar: ReductionScalar> {
  /// How many subdiagonals there are.
  let side = Scalar.tileSide
  /// The order of the matrix.
  let count: Int
  /// The distance from one column to the next.
  let stride: Int
  private let buffer: LargeBuffer<Scalar>
  /// The elements: (r, c), r ≥ c, at `c*stride + r - c`, with the room that the bulges need.
  let base: UnsafeMutablePointer<Scalar>

  /// A band of zeros.
  init(count: Int) {
    self.count = count
    stride = 2 * side + 8
    // The last blocks reach over the end: tiles fill it with zeros, and two more blocks follow.
    buffer = LargeBuffer(count: (count + 3 * side + 1) * stride)
    base = buffer.base + stride
  }

  /// The eigenvalues, rising. The band is used up.
  ///
  /// To tridiagonal by chased bulges (Bischof, Lang and Sun, "A framework for symmetric band
  /// reduction", 2000), then the root-free QL, in Float64 for any scalar.
  ///
  /// - Throws: `Diagnostic` of code `failed` where it does not converge.
  /// - Complexity: 6·n²·b operations for b subdiagonals.
  consuming func eigenvalues() throws -> [Double] {
    Scalar.kernels.chase(base, stride, count)
    var (diagonal, squares) = withExtendedLifetime(buffer) {
      (
        (0..<count).map { Double(base[$0 * stride]) },
        (0..<count).map { index in
          let beside = Double(base[index * stride + 1])
          return beside * beside
        }
      )
    }
    guard wsl_tridiagonal_values(&diagonal, &squares, count) == 0 else {
      throw Diagnostic(.failed, "the eigenvalues of a Gram matrix of \(count) did not converge")
    }
    return diagonal.sorted()
  }
}
