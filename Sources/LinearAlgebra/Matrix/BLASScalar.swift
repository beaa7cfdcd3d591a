import CBLAS

/// The element types that BLAS works on: Float and Double.
public protocol BLASScalar: BinaryFloatingPoint, Sendable {
  /// `c ← alpha·op(a)·op(b) + beta·c`, row-major: `cblas_?gemm`.
  static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int32, _ n: Int32, _ k: Int32, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int32, _ b: UnsafePointer<Self>, _ ldb: Int32, _ beta: Self,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int32)

  /// The upper triangle of `c ← alpha·aᵀ·a + beta·c` or `alpha·a·aᵀ + beta·c`: `cblas_?syrk`.
  static func syrk(
    _ transposeA: Bool, _ n: Int32, _ k: Int32, _ alpha: Self, _ a: UnsafePointer<Self>,
    _ lda: Int32, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int32)
}

extension Float: BLASScalar {
  /// `cblas_sgemm`.
  public static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int32, _ n: Int32, _ k: Int32, _ alpha: Float,
    _ a: UnsafePointer<Float>, _ lda: Int32, _ b: UnsafePointer<Float>, _ ldb: Int32,
    _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int32
  ) {
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
  }

  /// `cblas_ssyrk`.
  public static func syrk(
    _ transposeA: Bool, _ n: Int32, _ k: Int32, _ alpha: Float, _ a: UnsafePointer<Float>,
    _ lda: Int32, _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int32
  ) {
    cblas_ssyrk(
      CblasRowMajor, CblasUpper, transposeA ? CblasTrans : CblasNoTrans, n, k, alpha, a, lda, beta,
      c, ldc)
  }
}

extension Double: BLASScalar {
  /// `cblas_dgemm`.
  public static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int32, _ n: Int32, _ k: Int32, _ alpha: Double,
    _ a: UnsafePointer<Double>, _ lda: Int32, _ b: UnsafePointer<Double>, _ ldb: Int32,
    _ beta: Double, _ c: UnsafeMutablePointer<Double>, _ ldc: Int32
  ) {
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
  }

  /// `cblas_dsyrk`.
  public static func syrk(
    _ transposeA: Bool, _ n: Int32, _ k: Int32, _ alpha: Double, _ a: UnsafePointer<Double>,
    _ lda: Int32, _ beta: Double, _ c: UnsafeMutablePointer<Double>, _ ldc: Int32
  ) {
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, transposeA ? CblasTrans : CblasNoTrans, n, k, alpha, a, lda, beta,
      c, ldc)
  }
}
