// Band to tridiagonal by chasing bulges, for the scalar type that the including file defines: SCALAR,
// VECTOR (32 bytes), LANES, MASK, NAME.
//
// The band is that of a symmetric matrix, lower half, column by column: (r, c) lies at
// band[c*stride + r - c]. Seen from a diagonal element, the rows below are consecutive and the columns
// stride - 1 apart. All blocks have SIDE rows of 6 vectors; the band is followed by zeros, so that the
// last blocks are like the others.

#define LOAD(address) (*(const VECTOR *)(address))
#define STORE(address, value) (*(VECTOR *)(address) = (value))
#define SIDE (6 * LANES)
#define INLINE __attribute__((always_inline)) static inline

INLINE SCALAR NAME(total)(const VECTOR *parts) {
  SCALAR sum = 0;
#pragma clang loop unroll(full)
  for (int lane = 0; lane < LANES; lane++) sum += (*parts)[lane];
  return sum;
}

/// Makes x the vector v, v[0] = 1, of the reflection 1 - scale·v·vᵀ that leaves x nothing but its first
/// element, which is returned.
INLINE SCALAR NAME(reflect)(SCALAR *x, SCALAR *scale) {
  SCALAR first = x[0];
  x[0] = 0;
  VECTOR squares = {0};
#pragma clang loop unroll(full)
  for (int row = 0; row < SIDE; row += LANES) squares += LOAD(x + row) * LOAD(x + row);
  SCALAR rest = NAME(total)(&squares);
  SCALAR result = first;
  *scale = 0;
  if (rest > 0) {
    SCALAR norm = SQUARE_ROOT(first * first + rest);
    result = first > 0 ? -norm : norm;
    *scale = (result - first) / result;
    SCALAR factor = 1 / (first - result);
#pragma clang loop unroll(full)
    for (int row = 0; row < SIDE; row += LANES) STORE(x + row, LOAD(x + row) * factor);
  }
  x[0] = 1;
  return result;
}

/// Applies the reflection to the symmetric block from both sides; only its lower half is there. What
/// lies above the diagonal belongs to other columns and is written back as it was.
INLINE void NAME(turn_diagonal)(
  SCALAR *block, int64_t stride, const SCALAR *v, SCALAR scale
) {
  const MASK lanes = LANE_NUMBERS;
  SCALAR w[SIDE] __attribute__((aligned(32))) = {0};
  for (int group = 0; group < SIDE; group += LANES) {
    SCALAR *columns = block + group * stride;
    VECTOR dots[LANES], sum = LOAD(w + group), own = LOAD(v + group);
#pragma clang loop unroll(full)
    for (int k = 0; k < LANES; k++) {
      VECTOR column = LOAD(columns + k * stride + group);
      sum += (lanes >= k ? column : (VECTOR){0}) * v[group + k];
      dots[k] = (lanes > k ? column : (VECTOR){0}) * own;
    }
    STORE(w + group, sum);
    for (int row = group + LANES; row < SIDE; row += LANES) {
      VECTOR beside = LOAD(v + row), below = LOAD(w + row);
#pragma clang loop unroll(full)
      for (int k = 0; k < LANES; k++) {
        VECTOR column = LOAD(columns + k * stride + row);
        below += column * v[group + k];
        dots[k] += column * beside;
      }
      STORE(w + row, below);
    }
#pragma clang loop unroll(full)
    for (int k = 0; k < LANES; k++) w[group + k] += NAME(total)(&dots[k]);
  }
  VECTOR products = {0};
  for (int row = 0; row < SIDE; row += LANES) products += LOAD(w + row) * LOAD(v + row);
  SCALAR along = scale * scale * NAME(total)(&products) / 2;
  for (int row = 0; row < SIDE; row += LANES) {
    STORE(w + row, LOAD(w + row) * scale - LOAD(v + row) * along);
  }
  for (int group = 0; group < SIDE; group += LANES) {
    SCALAR *columns = block + group * stride;
    VECTOR ownV = LOAD(v + group), ownW = LOAD(w + group);
#pragma clang loop unroll(full)
    for (int k = 0; k < LANES; k++) {
      VECTOR column = LOAD(columns + k * stride + group);
      VECTOR turned = column - ownV * w[group + k] - ownW * v[group + k];
      STORE(columns + k * stride + group, lanes >= k ? turned : column);
    }
    for (int row = group + LANES; row < SIDE; row += LANES) {
      VECTOR besideV = LOAD(v + row), besideW = LOAD(w + row);
#pragma clang loop unroll(full)
      for (int k = 0; k < LANES; k++) {
        SCALAR *at = columns + k * stride + row;
        STORE(at, LOAD(at) - besideV * w[group + k] - besideW * v[group + k]);
      }
    }
  }
}

/// Applies the reflection to the block below from the right, and the one that then clears the block's
/// first column from the left; v and scale become that one's.
INLINE void NAME(turn_below)(
  SCALAR *block, int64_t stride, SCALAR *v, SCALAR *scale
) {
  enum { count = SIDE / LANES };
  SCALAR p[SIDE] __attribute__((aligned(32))), u[SIDE] __attribute__((aligned(32)));
  VECTOR sums[count] = {{0}};
  for (int column = 0; column < SIDE; column++) {
    const SCALAR *at = block + column * stride;
    SCALAR factor = v[column];
#pragma clang loop unroll(full)
    for (int part = 0; part < count; part++) sums[part] += LOAD(at + part * LANES) * factor;
  }
#pragma clang loop unroll(full)
  for (int part = 0; part < count; part++) {
    VECTOR sum = sums[part] * *scale;
    STORE(p + part * LANES, sum);
    STORE(u + part * LANES, LOAD(block + part * LANES) - sum * v[0]);
    STORE(block + part * LANES, (VECTOR){0});
  }
  SCALAR next;
  block[0] = NAME(reflect)(u, &next);
  for (int column = 1; column < SIDE; column++) {
    SCALAR *at = block + column * stride;
    SCALAR factor = v[column];
    VECTOR elements[count], dots[2] = {{0}, {0}};
#pragma clang loop unroll(full)
    for (int part = 0; part < count; part++) {
      elements[part] = LOAD(at + part * LANES) - LOAD(p + part * LANES) * factor;
      dots[part & 1] += elements[part] * LOAD(u + part * LANES);
    }
    dots[0] += dots[1];
    SCALAR along = next * NAME(total)(&dots[0]);
#pragma clang loop unroll(full)
    for (int part = 0; part < count; part++) {
      STORE(at + part * LANES, elements[part] - LOAD(u + part * LANES) * along);
    }
  }
#pragma clang loop unroll(full)
  for (int part = 0; part < count; part++) STORE(v + part * LANES, LOAD(u + part * LANES));
  *scale = next;
}

/// How many sweeps follow each other, a block behind: what they touch stays in the cache.
#define SWEEPS 8

INLINE void NAME(chase)(SCALAR *band, int64_t stride, int64_t count) {
  SCALAR v[SWEEPS][SIDE] __attribute__((aligned(32)));
  SCALAR scales[SWEEPS];
  for (int64_t start = 0; start + 2 < count; start += SWEEPS) {
    for (int64_t wave = 0; start + 1 + (wave - SWEEPS + 1) * SIDE < count; wave++) {
      for (int64_t place = 0; place < SWEEPS; place++) {
        int64_t step = wave - place, sweep = start + place;
        int64_t first = sweep + 1 + step * SIDE;
        if (step < 0 || first >= count || sweep + 2 >= count) continue;
        if (step == 0) {
          SCALAR *column = band + sweep * stride + 1;
          for (int row = 0; row < SIDE; row++) {
            v[place][row] = column[row];
            column[row] = 0;
          }
          column[0] = NAME(reflect)(v[place], &scales[place]);
        }
        SCALAR *block = band + first * stride;
        NAME(turn_diagonal)(block, stride - 1, v[place], scales[place]);
        NAME(turn_below)(block + SIDE, stride - 1, v[place], &scales[place]);
      }
    }
  }
}

WSL_CLONES
void NAME(wsl_band_chase)(SCALAR *band, int64_t stride, int64_t count) {
  NAME(chase)(band, stride, count);
}

#undef LOAD
#undef STORE
#undef SIDE
#undef INLINE
#undef SWEEPS
