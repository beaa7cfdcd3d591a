/// Elements as files store them, and their values as Float64.
#ifndef WSL_WIDENING_H
#define WSL_WIDENING_H

#include <stdint.h>

/// The types of floating-point elements.
typedef enum {
  WSLFloat64,
  WSLFloat32,
  WSLFloat16,
  WSLBrainFloat16,
  WSLFloat8E4M3,
  WSLFloat8E5M2,
  WSLFloat8E4M3FNUZ,
  WSLFloat8E5M2FNUZ
} WSLElementType;

/// Converts little-endian elements to Float64, which is exact.
void wsl_widen(WSLElementType type, const void *elements, double *values, int64_t count);

/// Converts Float64 to little-endian elements, rounded once, to nearest, ties to even.
///
/// Returns 0 where all elements are finite.
uint32_t wsl_narrow(WSLElementType type, const double *values, void *elements, int64_t count);

/// The largest bit pattern of the magnitudes of `values`: that of the largest magnitude, or one of
/// 0x7F800000 and above where a value is infinite or not a number.
uint32_t wsl_largest_magnitude_bits(const float *values, int64_t count);

#endif
