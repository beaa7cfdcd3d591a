/// Functions of elements in which NaN stays NaN, which oneDNN's take for 0.
#ifndef WSL_ACTIVATION_H
#define WSL_ACTIVATION_H

#include <stdint.h>

/// `to = max(0, from)`. Both may be the same memory.
void wsl_rectify(const float *from, float *to, int64_t count);

/// `to = min(maximum, max(0, from))`, for a maximum of 0 or more. Both may be the same memory.
void wsl_rectify_clipped(const float *from, float *to, float maximum, int64_t count);

/// Whether one of the values is NaN: 1 or 0.
int32_t wsl_has_nan(const float *values, int64_t count);

/// `marks` becomes 1 where a value is NaN, and 0 elsewhere.
void wsl_mark_nan(const float *values, float *marks, int64_t count);

/// `values` become NaN where the mark is not 0.
void wsl_put_nan(float *values, const float *marks, int64_t count);

#endif
