/// Kernels that take a symmetric matrix to a tridiagonal one, for `TiledGram` and what follows it.
///
/// Each is compiled for SSE2 and for AVX2 with fused multiplications, and the dynamic linker picks one.
/// A tile is a square without gaps, of a side of 24 doubles or 48 floats.
/// The next tile and operand are only announced to the cache, a square each.
#ifndef WSL_CEIGENVALUES_H
#define WSL_CEIGENVALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Packs `depth` rows of a tile's width for products, twice: in strips of 6 columns as the left operand,
/// in strips of 2 vectors as the right one, each strip row by row.
///
/// Element (k, column) is `scale * source[k*depthStep + column*columnStep]`; what lies beyond `filled`
/// rows is 0, and so is, in `left` and `right`, what lies beyond `columns` columns.
void wsl_slab_pack_double(
  const float *source, ptrdiff_t depthStep, ptrdiff_t columnStep, ptrdiff_t filled, ptrdiff_t columns,
  ptrdiff_t depth, double scale, double *left, double *right);
void wsl_slab_pack_float(
  const float *source, ptrdiff_t depthStep, ptrdiff_t columnStep, ptrdiff_t filled, ptrdiff_t columns,
  ptrdiff_t depth, float scale, float *left, float *right);

/// `tile += factor·leftᵀ·right` of packed operands, and the same for a second tile with a factor of its
/// own where that is not NULL.
void wsl_slab_product_double(
  const double *left, const double *right, ptrdiff_t depth, double *tile, double factor,
  double *second, double secondFactor, const double *nextTile, const double *nextOperand);
void wsl_slab_product_float(
  const float *left, const float *right, ptrdiff_t depth, float *tile, float factor,
  float *second, float secondFactor, const float *nextTile, const float *nextOperand);

/// `target = first + factor·second`, of `count` elements.
void wsl_slab_sum_double(
  const double *first, const double *second, double factor, double *target, ptrdiff_t count);
void wsl_slab_sum_float(
  const float *first, const float *second, float factor, float *target, ptrdiff_t count);

/// `tile += leftᵀ·right`, both of `depth` rows of a tile's side.
void wsl_tile_gram_double(
  const double *left, const double *right, double *tile, ptrdiff_t depth,
  const double *nextTile, const double *nextOperand);
void wsl_tile_gram_float(
  const float *left, const float *right, float *tile, ptrdiff_t depth,
  const float *nextTile, const float *nextOperand);

/// `tile -= V·Wᵀ + W·Vᵀ`, V and W those of the tile's rows and of its columns. Both are tiles that
/// follow each other, transposed: V's, then W's.
void wsl_tile_update_double(
  const double *rowFactors, const double *columnFactors, double *tile,
  const double *nextTile, const double *nextOperand);
void wsl_tile_update_float(
  const float *rowFactors, const float *columnFactors, float *tile,
  const float *nextTile, const float *nextOperand);

/// `rowProducts += tile·columnVectors`, and off the diagonal also `columnProducts +=
/// tileᵀ·rowVectors`: a tile's part in the product of the symmetric matrix.
void wsl_tile_apply_double(
  const double *tile, const double *rowVectors, const double *columnVectors, double *rowProducts,
  double *columnProducts, bool isDiagonal, const double *nextOperand);
void wsl_tile_apply_float(
  const float *tile, const float *rowVectors, const float *columnVectors, float *rowProducts,
  float *columnProducts, bool isDiagonal, const float *nextOperand);

/// Takes a symmetric band of as many subdiagonals as a tile has rows, `count` columns, to a tridiagonal matrix with the
/// same eigenvalues, in place: the element (r, c), r >= c, lies at `band[c*stride + r - c]`.
///
/// `stride` is at least twice the side and 8. 8 elements before the band are read and written back,
/// and columns of zeros follow it, thrice the side.
void wsl_band_chase_double(double *band, ptrdiff_t stride, ptrdiff_t count);
void wsl_band_chase_float(float *band, ptrdiff_t stride, ptrdiff_t count);

/// Factors a panel of a tile's columns by Householder reflections: `blocks` tiles, `stride` elements
/// apart. R replaces the upper half of the first, and below it and in the others lie the vectors V;
/// their ones on the diagonal are not stored. `scales` takes the reflections' factors.
void wsl_panel_factor_double(double *panel, ptrdiff_t blocks, ptrdiff_t stride, double *scales);
void wsl_panel_factor_float(float *panel, ptrdiff_t blocks, ptrdiff_t stride, float *scales);

/// The eigenvalues of a symmetric tridiagonal matrix of `count` columns, in place of its diagonal and in
/// no order. `squares` holds the squares of the elements beside it, count - 1, and room for one more; it
/// is used up. Returns 1 where the iteration does not converge.
int wsl_tridiagonal_values(double *diagonal, double *squares, ptrdiff_t count);

/// Eigenvectors of a symmetric tridiagonal matrix of `order` columns, whose elements beside the
/// diagonal are `beside`: for each of `count` eigenvalues a unit vector of `order` elements, one after
/// the other, in `vectors` or, where that is null, in `wide`, and the norm of (T - value)·vector, which
/// is infinite where the vector is none. Vectors of values closer than rounding are not orthogonal:
/// the residual over the distance to the next value bounds the angle. Returns 1 without memory.
int wsl_tridiagonal_vectors(
  const double *diagonal, const double *beside, ptrdiff_t order, const double *values,
  ptrdiff_t count, float *vectors, double *wide, double *residuals);

#endif
