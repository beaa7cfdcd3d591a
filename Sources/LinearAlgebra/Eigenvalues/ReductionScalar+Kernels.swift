import CKernels

extension Double: ReductionScalar {
  static var tileSide: Int { 24 }

  static func widened(_ value: Float) -> Double { Double(value) }

  static func tileGram(
    _ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>,
    _ tile: UnsafeMutablePointer<Double>,
    depth: Int, nextTile: UnsafePointer<Double>, nextOperand: UnsafePointer<Double>
  ) {
    wsl_tile_gram_double(left, right, tile, Int64(depth), nextTile, nextOperand)
  }

  static func tileUpdate(
    _ rowFactors: UnsafePointer<Double>, _ columnFactors: UnsafePointer<Double>,
    _ tile: UnsafeMutablePointer<Double>,
    nextTile: UnsafePointer<Double>, nextOperand: UnsafePointer<Double>
  ) {
    wsl_tile_update_double(rowFactors, columnFactors, tile, nextTile, nextOperand)
  }

  static func tileApply(
    _ tile: UnsafePointer<Double>, rowVectors: UnsafePointer<Double>,
    columnVectors: UnsafePointer<Double>, rowProducts: UnsafeMutablePointer<Double>,
    columnProducts: UnsafeMutablePointer<Double>, isDiagonal: Bool,
    nextOperand: UnsafePointer<Double>
  ) {
    wsl_tile_apply_double(
      tile, rowVectors, columnVectors, rowProducts, columnProducts,
      isDiagonal ? 1 : 0, nextOperand)
  }

  static func bandChase(
    _ band: UnsafeMutablePointer<Double>, stride: Int, count: Int
  ) {
    wsl_band_chase_double(band, Int64(stride), Int64(count))
  }

  static func panelFactor(
    _ panel: UnsafeMutablePointer<Double>, blocks: Int, stride: Int,
    scales: UnsafeMutablePointer<Double>
  ) {
    wsl_panel_factor_double(panel, Int64(blocks), Int64(stride), scales)
  }
}

extension Float: ReductionScalar {
  static var tileSide: Int { 48 }

  static func widened(_ value: Float) -> Float { value }

  static func tileGram(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    _ tile: UnsafeMutablePointer<Float>,
    depth: Int, nextTile: UnsafePointer<Float>, nextOperand: UnsafePointer<Float>
  ) {
    wsl_tile_gram_float(left, right, tile, Int64(depth), nextTile, nextOperand)
  }

  static func tileUpdate(
    _ rowFactors: UnsafePointer<Float>, _ columnFactors: UnsafePointer<Float>,
    _ tile: UnsafeMutablePointer<Float>,
    nextTile: UnsafePointer<Float>, nextOperand: UnsafePointer<Float>
  ) {
    wsl_tile_update_float(rowFactors, columnFactors, tile, nextTile, nextOperand)
  }

  static func tileApply(
    _ tile: UnsafePointer<Float>, rowVectors: UnsafePointer<Float>,
    columnVectors: UnsafePointer<Float>, rowProducts: UnsafeMutablePointer<Float>,
    columnProducts: UnsafeMutablePointer<Float>, isDiagonal: Bool,
    nextOperand: UnsafePointer<Float>
  ) {
    wsl_tile_apply_float(
      tile, rowVectors, columnVectors, rowProducts, columnProducts,
      isDiagonal ? 1 : 0, nextOperand)
  }

  static func bandChase(
    _ band: UnsafeMutablePointer<Float>, stride: Int, count: Int
  ) {
    wsl_band_chase_float(band, Int64(stride), Int64(count))
  }

  static func panelFactor(
    _ panel: UnsafeMutablePointer<Float>, blocks: Int, stride: Int,
    scales: UnsafeMutablePointer<Float>
  ) {
    wsl_panel_factor_float(panel, Int64(blocks), Int64(stride), scales)
  }
}
