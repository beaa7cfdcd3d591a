/// Inner loops of linear assignment that the Swift compiler cannot vectorise for a baseline x86-64 target.
///
/// Each is compiled for SSE2 and for AVX2, and the dynamic linker picks one. On the assignments of
/// real matchings AVX2 takes half the time of SSE2, which is what `SIMD16<Float>` compiles to; AVX-512
/// gained nothing. Nothing is contracted into fused multiplications, so both give the same bits.
#ifndef WSL_CASSIGNMENT_H
#define WSL_CASSIGNMENT_H

#include <stdint.h>

/// The smallest and second smallest reduced costs of a row, and the column of the smallest, the
/// leftmost one among equals within a vector lane's order.
typedef struct {
  float smallest, second;
  int32_t column;
} WSLScanFloat;

typedef struct {
  double smallest, second;
  int32_t column;
} WSLScanDouble;

/// Lowers `distances[j]` to `row[j] - potentials[j] - offset` where that is less, noting `index`
/// in `predecessors[j]`, and finds the smallest distance. `second` is not set.
WSLScanFloat wsl_relax_float(
  const float *row, const float *potentials, float *distances, int32_t *predecessors,
  float offset, int32_t index, int32_t count);
WSLScanDouble wsl_relax_double(
  const float *row, const double *potentials, double *distances, int32_t *predecessors,
  double offset, int32_t index, int32_t count);

/// Finds the two smallest of `row[j] - potentials[j]`.
WSLScanFloat wsl_two_smallest_float(const float *row, const float *potentials, int32_t count);
WSLScanDouble wsl_two_smallest_double(const float *row, const double *potentials, int32_t count);

/// The first column without a row whose distance is exactly `distance`, or -1.
int32_t wsl_free_column_float(
  const float *distances, const int32_t *rowOfColumn, float distance, int32_t count);
int32_t wsl_free_column_double(
  const double *distances, const int32_t *rowOfColumn, double distance, int32_t count);

#endif
