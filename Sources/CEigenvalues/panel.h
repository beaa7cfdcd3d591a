// The QR decomposition of a panel of SIDE columns, 6 vectors, for the scalar type that the including file
// defines: SCALAR, VECTOR (32 bytes), LANES, SQUARE_ROOT, NAME.

#define LOAD(address) (*(const VECTOR *)(address))
#define STORE(address, value) (*(VECTOR *)(address) = (value))
#define SIDE (6 * LANES)

/// Takes the reflection of column `pivot` from a row, row -= v·w, and leaves v in the column. Returns the
/// row's element of the next column.
__attribute__((always_inline)) static inline SCALAR NAME(reflect_row)(
  SCALAR *row, const VECTOR w[6], const SCALAR *scalars, SCALAR factor, int64_t pivot,
  VECTOR updated[6]
) {
  SCALAR v = row[pivot] * factor;
  SCALAR next = pivot + 1 < SIDE ? row[pivot + 1] - v * scalars[pivot + 1] : 0;
#pragma clang loop unroll(full)
  for (int part = 0; part < 6; part++) {
    updated[part] = LOAD(row + part * LANES) - v * w[part];
    STORE(row + part * LANES, updated[part]);
  }
  row[pivot] = v;
  return next;
}

WSL_CLONES
void NAME(wsl_panel_factor)(SCALAR *panel, int64_t blocks, int64_t stride, SCALAR *scales) {
  // The products of a column, below its pivot, with all columns.
  VECTOR sums[6] = {{0}}, w[6] = {{0}}, updated[6];
  for (int64_t block = 0; block < blocks; block++) {
    for (int64_t row = block == 0; row < SIDE; row++) {
      const SCALAR *at = panel + block * stride + row * SIDE;
#pragma clang loop unroll(full)
      for (int part = 0; part < 6; part++) sums[part] += at[0] * LOAD(at + part * LANES);
    }
  }
  for (int64_t pivot = 0; pivot < SIDE; pivot++) {
    SCALAR *top = panel + pivot * SIDE;
    SCALAR products[SIDE] __attribute__((aligned(32)));
    for (int part = 0; part < 6; part++) STORE(products + part * LANES, sums[part]);
    SCALAR first = top[pivot], rest = products[pivot], result = first, factor = 0;
    scales[pivot] = 0;
    if (rest > 0) {
      SCALAR norm = SQUARE_ROOT(first * first + rest);
      result = first > 0 ? -norm : norm;
      scales[pivot] = (result - first) / result;
      factor = 1 / (first - result);
    }
    for (int64_t column = 0; column < SIDE; column++) {
      products[column] =
        column > pivot ? scales[pivot] * (top[column] + products[column] * factor) : 0;
      top[column] -= products[column];
    }
    top[pivot] = result;
    for (int part = 0; part < 6; part++) {
      w[part] = LOAD(products + part * LANES);
      sums[part] = (VECTOR){0};
    }
    // The next pivot's row is not among the products of its column.
    if (pivot + 1 < SIDE) {
      NAME(reflect_row)(top + SIDE, w, products, factor, pivot, updated);
    }
    for (int64_t block = 0; block < blocks; block++) {
      for (int64_t row = block == 0 ? pivot + 2 : 0; row < SIDE; row++) {
        SCALAR next = NAME(reflect_row)(
          panel + block * stride + row * SIDE, w, products, factor, pivot, updated);
#pragma clang loop unroll(full)
        for (int part = 0; part < 6; part++) sums[part] += next * updated[part];
      }
    }
  }
}

#undef SIDE
#undef LOAD
#undef STORE
