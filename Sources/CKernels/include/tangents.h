/// Loops over the channels of a tensor in memory, and the derivatives of functions of elements: what
/// second derivatives of networks need and oneDNN has not.
#ifndef WSL_TANGENTS_H
#define WSL_TANGENTS_H

#include <stdint.h>

/// Where the channels of a tensor lie: for each of `outer` times `blocks` stretches of memory,
/// `inner` positions of `block` channels side by side. Row-major with channels first is one channel
/// a block; with channels last it is one block.
typedef struct {
  int64_t outer, blocks, inner, block;
} WSLChannels;

/// `target = constants[c] + sum over k of factors[k][c] * sources[k]`, for one to four sources. The
/// vectors have `blocks * block` elements.
void wsl_combine_channels(
  WSLChannels channels, int32_t count, const float *const *sources, const float *const *factors,
  const float *constants, float *target);

/// `sums[c] += sum of a * (b - centers[c])`, in double precision; of `a` alone where `b` is NULL.
void wsl_sum_channels(
  WSLChannels channels, const float *a, const float *b, const double *centers, double *sums);

/// The sum of squares, in eight parts that are added in the end.
double wsl_sum_squares(const double *values, int64_t count);

/// `target = scale * source`, rounded.
void wsl_scale_to_floats(const double *source, double scale, float *target, int64_t count);

/// `target = factor * source`, in double precision.
void wsl_scale_floats(const float *source, double factor, double *target, int64_t count);

/// `target += factor * source`, in double precision.
void wsl_add_scaled_floats(const float *source, double factor, double *target, int64_t count);

/// `target += source`.
void wsl_add_to(const float *source, float *target, int64_t count);

/// `target = source` where `mark` is above 0, and `slope * source` elsewhere.
void wsl_gate(const float *mark, const float *source, float slope, float *target, int64_t count);

#endif
