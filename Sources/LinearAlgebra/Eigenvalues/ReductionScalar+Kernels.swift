import CEigenvalues

extension Double: ReductionScalar {
  static var tileSide: Int { 24 }

  static let kernels = ReductionKernels<Double>(
    pack: wsl_slab_pack_double, product: wsl_slab_product_double, sum: wsl_slab_sum_double,
    gram: wsl_tile_gram_double, update: wsl_tile_update_double, apply: wsl_tile_apply_double,
    chase: wsl_band_chase_double, factorPanel: wsl_panel_factor_double)
}

extension Float: ReductionScalar {
  static var tileSide: Int { 48 }

  static let kernels = ReductionKernels<Float>(
    pack: wsl_slab_pack_float, product: wsl_slab_product_float, sum: wsl_slab_sum_float,
    gram: wsl_tile_gram_float, update: wsl_tile_update_float, apply: wsl_tile_apply_float,
    chase: wsl_band_chase_float, factorPanel: wsl_panel_factor_float)
}
