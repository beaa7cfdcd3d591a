/// Floating-point numbers of 8 bits: the one place that knows what their bits mean.
#ifndef WSL_SMALLFLOATS_H
#define WSL_SMALLFLOATS_H

#include "widening.h"

#include <stdint.h>

/// Whether a type is one of them.
int32_t wsl_is_small_float(WSLElementType type);

/// Converts elements of a type of 8 bits to Float32, which is exact.
void wsl_widen_small(WSLElementType type, const uint8_t *elements, float *values, int64_t count);

/// Converts a number to a type of 8 bits, rounded once, to nearest, ties to even.
///
/// What is too large becomes infinite where the type has infinities, and no number where it has
/// none, as in ml_dtypes and PyTorch.
uint8_t wsl_narrow_small(WSLElementType type, double value);

#endif
