// Products of square tiles for the reduction of symmetric matrices, for the scalar type that the
// including file defines: SCALAR, VECTOR (32 bytes), LANES, NAME.
//
// Every product is made of patches of 6 rows by 2 vectors, whose 12 sums stay in registers. Operands
// lie in the order in which they are read, so nothing is packed: the left ones column by column or
// row by row, the right ones row by row. A tile has SIDE rows of 6 vectors.

#define LOAD(address) (*(const VECTOR *)(address))
#define STORE(address, value) (*(VECTOR *)(address) = (value))
#define SIDE (6 * LANES)
#define PATCH_ROWS 6
#define PATCH_COLUMNS (2 * LANES)

/// sums[6][2] += left·right over `depth`: left(row, k) = left[row*rowStep + k*depthStep].
__attribute__((always_inline)) static inline void NAME(accumulate)(
  VECTOR sums[PATCH_ROWS][2], const SCALAR *left, int64_t rowStep, int64_t depthStep,
  const SCALAR *right, int64_t rightStride, int64_t depth
) {
  for (int64_t k = 0; k < depth; k++) {
    VECTOR first = LOAD(right), second = LOAD(right + LANES);
#pragma clang loop unroll(full)
    for (int row = 0; row < PATCH_ROWS; row++) {
      SCALAR factor = left[row * rowStep];
      sums[row][0] += factor * first;
      sums[row][1] += factor * second;
    }
    left += depthStep;
    right += rightStride;
  }
}

/// target ± sums, for a patch of a tile of rows `stride` apart.
__attribute__((always_inline)) static inline void NAME(settle)(
  const VECTOR sums[PATCH_ROWS][2], SCALAR *target, int64_t stride, int isSubtracting
) {
#pragma clang loop unroll(full)
  for (int row = 0; row < PATCH_ROWS; row++) {
#pragma clang loop unroll(full)
    for (int part = 0; part < 2; part++) {
      SCALAR *at = target + row * stride + part * LANES;
      STORE(at, isSubtracting ? LOAD(at) - sums[row][part] : LOAD(at) + sums[row][part]);
    }
  }
}

/// Asks for a patch's share of a square that will be read soon; 6 cache lines are it, for any type.
__attribute__((always_inline)) static inline void NAME(announce)(
  const SCALAR *square, int64_t patch
) {
  const char *lines = (const char *)square + patch * PATCH_ROWS * 64;
#pragma clang loop unroll(full)
  for (int line = 0; line < PATCH_ROWS; line++) __builtin_prefetch(lines + line * 64, 0, 2);
}

/// target += factor·sums.
__attribute__((always_inline)) static inline void NAME(scatter)(
  const VECTOR sums[PATCH_ROWS][2], SCALAR *target, SCALAR factor
) {
#pragma clang loop unroll(full)
  for (int row = 0; row < PATCH_ROWS; row++) {
#pragma clang loop unroll(full)
    for (int part = 0; part < 2; part++) {
      SCALAR *at = target + row * SIDE + part * LANES;
      STORE(at, LOAD(at) + factor * sums[row][part]);
    }
  }
}

WSL_CLONES
void NAME(wsl_slab_product)(
  const SCALAR *left, const SCALAR *right, int64_t depth, SCALAR *tile, SCALAR factor,
  SCALAR *second, SCALAR secondFactor, const SCALAR *nextTile, const SCALAR *nextOperand
) {
  int64_t patch = 0;
  for (int64_t column = 0; column < SIDE; column += PATCH_COLUMNS) {
    for (int64_t row = 0; row < SIDE; row += PATCH_ROWS, patch++) {
      NAME(announce)(nextTile, patch);
      NAME(announce)(nextOperand, patch);
      VECTOR sums[PATCH_ROWS][2] = {{{0}}};
      NAME(accumulate)(
        sums, left + row * depth, 1, PATCH_ROWS, right + column * depth, PATCH_COLUMNS, depth);
      NAME(scatter)(sums, tile + row * SIDE + column, factor);
      if (second) NAME(scatter)(sums, second + row * SIDE + column, secondFactor);
    }
  }
}

WSL_CLONES
void NAME(wsl_slab_pack)(
  const float *source, int64_t depthStep, int64_t columnStep, int64_t filled, int64_t columns,
  int64_t depth, SCALAR scale, SCALAR *left, SCALAR *right
) {
  SCALAR elements[SIDE] = {0};
  for (int64_t k = 0; k < depth; k++) {
    const float *from = source + k * depthStep;
    if (k >= filled) {
      for (int column = 0; column < SIDE; column++) elements[column] = 0;
    } else if (columnStep == 1 && columns == SIDE) {
      for (int column = 0; column < SIDE; column++) elements[column] = scale * from[column];
    } else {
      for (int column = 0; column < columns; column++) {
        elements[column] = scale * from[column * columnStep];
      }
    }
    for (int start = 0; start < SIDE; start += PATCH_ROWS) {
      __builtin_memcpy(
        left + start * depth + k * PATCH_ROWS, elements + start, PATCH_ROWS * sizeof(SCALAR));
    }
    for (int start = 0; start < SIDE; start += PATCH_COLUMNS) {
      __builtin_memcpy(
        right + start * depth + k * PATCH_COLUMNS, elements + start,
        PATCH_COLUMNS * sizeof(SCALAR));
    }
  }
}

WSL_CLONES
void NAME(wsl_slab_sum)(
  const SCALAR *first, const SCALAR *second, SCALAR factor, SCALAR *target, int64_t count
) {
  for (int64_t index = 0; index < count; index++) {
    target[index] = first[index] + factor * second[index];
  }
}

WSL_CLONES
void NAME(wsl_tile_gram)(
  const SCALAR *left, const SCALAR *right, SCALAR *tile, int64_t depth,
  const SCALAR *nextTile, const SCALAR *nextOperand
) {
  int64_t patch = 0;
  for (int64_t column = 0; column < SIDE; column += PATCH_COLUMNS) {
    for (int64_t row = 0; row < SIDE; row += PATCH_ROWS, patch++) {
      NAME(announce)(nextTile, patch);
      NAME(announce)(nextOperand, patch);
      VECTOR sums[PATCH_ROWS][2] = {{{0}}};
      NAME(accumulate)(sums, left + row, 1, SIDE, right + column, SIDE, depth);
      NAME(settle)(sums, tile + row * SIDE + column, SIDE, 0);
    }
  }
}

WSL_CLONES
void NAME(wsl_tile_update)(
  const SCALAR *rowFactors, const SCALAR *columnFactors, SCALAR *tile,
  const SCALAR *nextTile, const SCALAR *nextOperand
) {
  const int64_t square = SIDE * SIDE;
  int64_t patch = 0;
  for (int64_t column = 0; column < SIDE; column += PATCH_COLUMNS) {
    for (int64_t row = 0; row < SIDE; row += PATCH_ROWS, patch++) {
      NAME(announce)(nextTile, patch);
      NAME(announce)(nextOperand, patch);
      VECTOR sums[PATCH_ROWS][2] = {{{0}}};
      NAME(accumulate)(
        sums, rowFactors + row, 1, SIDE, columnFactors + square + column, SIDE, SIDE);
      NAME(accumulate)(
        sums, rowFactors + square + row, 1, SIDE, columnFactors + column, SIDE, SIDE);
      NAME(settle)(sums, tile + row * SIDE + column, SIDE, 1);
    }
  }
}

WSL_CLONES
void NAME(wsl_tile_apply)(
  const SCALAR *tile, const SCALAR *rowVectors, const SCALAR *columnVectors, SCALAR *rowProducts,
  SCALAR *columnProducts, bool isDiagonal, const SCALAR *nextOperand
) {
  int64_t patch = 0;
  for (int64_t column = 0; column < SIDE; column += PATCH_COLUMNS) {
    for (int64_t row = 0; row < SIDE; row += PATCH_ROWS, patch++) {
      NAME(announce)(nextOperand, patch);
      VECTOR sums[PATCH_ROWS][2] = {{{0}}};
      NAME(accumulate)(sums, tile + row * SIDE, SIDE, 1, columnVectors + column, SIDE, SIDE);
      NAME(settle)(sums, rowProducts + row * SIDE + column, SIDE, 0);
    }
  }
  if (isDiagonal) return;
  for (int64_t column = 0; column < SIDE; column += PATCH_COLUMNS) {
    for (int64_t row = 0; row < SIDE; row += PATCH_ROWS) {
      VECTOR sums[PATCH_ROWS][2] = {{{0}}};
      NAME(accumulate)(sums, tile + row, 1, SIDE, rowVectors + column, SIDE, SIDE);
      NAME(settle)(sums, columnProducts + row * SIDE + column, SIDE, 0);
    }
  }
}

#undef SIDE
#undef LOAD
#undef STORE
#undef PATCH_ROWS
#undef PATCH_COLUMNS
