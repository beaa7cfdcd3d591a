/// The element types in which a Gram matrix is reduced: Float and Double.
protocol ReductionScalar: BLASScalar {
  /// The side of a tile: 6 vectors of 32 bytes.
  static var tileSide: Int { get }

  /// The inner loops.
  static var kernels: ReductionKernels<Self> { get }
}

/// The inner loops of a reduction, in C: `reduction.h` says what each does.
struct ReductionKernels<Scalar: Sendable>: Sendable {
  typealias Input = UnsafePointer<Scalar>
  typealias Output = UnsafeMutablePointer<Scalar>

  /// `wsl_slab_pack`: source, steps along the depth and from column to column, rows and columns that
  /// there are, depth, scale, left, right.
  let pack:
    @Sendable (UnsafePointer<Float>, Int, Int, Int, Int, Int, Scalar, Output, Output) -> Void
  /// `wsl_slab_product`: left, right, depth, tile, factor, second tile, its factor, next tile and
  /// operand.
  let product: @Sendable (Input, Input, Int, Output, Scalar, Output?, Scalar, Input, Input) -> Void
  /// `wsl_slab_sum`: first, second, its factor, target, count.
  let sum: @Sendable (Input, Input, Scalar, Output, Int) -> Void
  /// `wsl_tile_gram`: left, right, tile, depth, next tile and operand.
  let gram: @Sendable (Input, Input, Output, Int, Input, Input) -> Void
  /// `wsl_tile_update`: factors of the rows and of the columns, tile, next tile and operand.
  let update: @Sendable (Input, Input, Output, Input, Input) -> Void
  /// `wsl_tile_apply`: tile, vectors of the rows and of the columns, their products, whether the tile
  /// is on the diagonal, next operand.
  let apply: @Sendable (Input, Input, Input, Output, Output, Bool, Input) -> Void
  /// `wsl_band_chase`: band, stride, count.
  let chase: @Sendable (Output, Int, Int) -> Void
  /// `wsl_panel_factor`: panel, blocks, stride, scales.
  let factorPanel: @Sendable (Output, Int, Int, Output) -> Void
}
