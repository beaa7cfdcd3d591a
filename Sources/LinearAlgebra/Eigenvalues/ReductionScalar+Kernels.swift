import CKernels
import CLAPACK

extension Double: ReductionScalar {
  static func widened(_ value: Float) -> Double { Double(value) }

  static func tileGram(
    _ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, _ tile: UnsafeMutablePointer<Double>,
    side: Int, depth: Int, nextTile: UnsafePointer<Double>, nextOperand: UnsafePointer<Double>
  ) {
    wsl_tile_gram_double(left, right, tile, Int64(side), Int64(depth), nextTile, nextOperand)
  }

  static func tileUpdate(
    _ rowFactors: UnsafePointer<Double>, _ columnFactors: UnsafePointer<Double>,
    _ tile: UnsafeMutablePointer<Double>, side: Int,
    nextTile: UnsafePointer<Double>, nextOperand: UnsafePointer<Double>
  ) {
    wsl_tile_update_double(rowFactors, columnFactors, tile, Int64(side), nextTile, nextOperand)
  }

  static func tileApply(
    _ tile: UnsafePointer<Double>, rowVectors: UnsafePointer<Double>,
    columnVectors: UnsafePointer<Double>, rowProducts: UnsafeMutablePointer<Double>,
    columnProducts: UnsafeMutablePointer<Double>, side: Int, isDiagonal: Bool,
    nextOperand: UnsafePointer<Double>
  ) {
    wsl_tile_apply_double(
      tile, rowVectors, columnVectors, rowProducts, columnProducts, Int64(side),
      isDiagonal ? 1 : 0, nextOperand)
  }

  static func bandChase(
    _ band: UnsafeMutablePointer<Double>, stride: Int, count: Int, side: Int
  ) {
    wsl_band_chase_double(band, Int64(stride), Int64(count), Int64(side))
  }

  static func panelFactors(
    rows: Int, columns: Int, _ panel: UnsafeMutablePointer<Double>,
    _ reflections: UnsafeMutablePointer<Double>
  ) -> Int32 {
    LAPACKE_dgeqrt3(
      LAPACK_COL_MAJOR, Int32(rows), Int32(columns), panel, Int32(rows), reflections,
      Int32(columns))
  }

  static func tridiagonalEigenvalues(
    _ count: Int, _ diagonal: UnsafeMutablePointer<Double>, _ beside: UnsafeMutablePointer<Double>
  ) -> Int32 {
    LAPACKE_dsterf(Int32(count), diagonal, beside)
  }
}

extension Float: ReductionScalar {
  static func widened(_ value: Float) -> Float { value }

  static func tileGram(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ tile: UnsafeMutablePointer<Float>,
    side: Int, depth: Int, nextTile: UnsafePointer<Float>, nextOperand: UnsafePointer<Float>
  ) {
    wsl_tile_gram_float(left, right, tile, Int64(side), Int64(depth), nextTile, nextOperand)
  }

  static func tileUpdate(
    _ rowFactors: UnsafePointer<Float>, _ columnFactors: UnsafePointer<Float>,
    _ tile: UnsafeMutablePointer<Float>, side: Int,
    nextTile: UnsafePointer<Float>, nextOperand: UnsafePointer<Float>
  ) {
    wsl_tile_update_float(rowFactors, columnFactors, tile, Int64(side), nextTile, nextOperand)
  }

  static func tileApply(
    _ tile: UnsafePointer<Float>, rowVectors: UnsafePointer<Float>,
    columnVectors: UnsafePointer<Float>, rowProducts: UnsafeMutablePointer<Float>,
    columnProducts: UnsafeMutablePointer<Float>, side: Int, isDiagonal: Bool,
    nextOperand: UnsafePointer<Float>
  ) {
    wsl_tile_apply_float(
      tile, rowVectors, columnVectors, rowProducts, columnProducts, Int64(side),
      isDiagonal ? 1 : 0, nextOperand)
  }

  static func bandChase(
    _ band: UnsafeMutablePointer<Float>, stride: Int, count: Int, side: Int
  ) {
    wsl_band_chase_float(band, Int64(stride), Int64(count), Int64(side))
  }

  static func panelFactors(
    rows: Int, columns: Int, _ panel: UnsafeMutablePointer<Float>,
    _ reflections: UnsafeMutablePointer<Float>
  ) -> Int32 {
    LAPACKE_sgeqrt3(
      LAPACK_COL_MAJOR, Int32(rows), Int32(columns), panel, Int32(rows), reflections,
      Int32(columns))
  }

  static func tridiagonalEigenvalues(
    _ count: Int, _ diagonal: UnsafeMutablePointer<Float>, _ beside: UnsafeMutablePointer<Float>
  ) -> Int32 {
    LAPACKE_ssterf(Int32(count), diagonal, beside)
  }
}
