/// The element types in which a Gram matrix is reduced: Float and Double.
protocol ReductionScalar: BLASScalar {
  /// The side of a tile: 6 vectors of 32 bytes.
  static var tileSide: Int { get }

  /// An element of a model as this type.
  static func widened(_ value: Float) -> Self

  /// `wsl_tile_gram_*`.
  static func tileGram(
    _ left: UnsafePointer<Self>, _ right: UnsafePointer<Self>, _ tile: UnsafeMutablePointer<Self>,
    depth: Int, nextTile: UnsafePointer<Self>, nextOperand: UnsafePointer<Self>)

  /// `wsl_tile_update_*`.
  static func tileUpdate(
    _ rowFactors: UnsafePointer<Self>, _ columnFactors: UnsafePointer<Self>,
    _ tile: UnsafeMutablePointer<Self>,
    nextTile: UnsafePointer<Self>, nextOperand: UnsafePointer<Self>)

  /// `wsl_tile_apply_*`.
  static func tileApply(
    _ tile: UnsafePointer<Self>, rowVectors: UnsafePointer<Self>,
    columnVectors: UnsafePointer<Self>, rowProducts: UnsafeMutablePointer<Self>,
    columnProducts: UnsafeMutablePointer<Self>, isDiagonal: Bool,
    nextOperand: UnsafePointer<Self>)

  /// `wsl_band_chase_*`.
  static func bandChase(
    _ band: UnsafeMutablePointer<Self>, stride: Int, count: Int)

  /// The QR decomposition of a panel: `wsl_panel_factor_*`.
  static func panelFactor(
    _ panel: UnsafeMutablePointer<Self>, blocks: Int, stride: Int,
    scales: UnsafeMutablePointer<Self>)
}
