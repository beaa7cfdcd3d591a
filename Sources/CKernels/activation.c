#include "CKernels.h"
#include "clones.h"

#include <math.h>

// Comparisons with NaN are false: the value stays.

WSL_CLONES
void wsl_rectify(const float *from, float *to, int64_t count) {
  for (int64_t at = 0; at < count; at++) to[at] = from[at] <= 0 ? 0 : from[at];
}

WSL_CLONES
void wsl_rectify_clipped(const float *from, float *to, float maximum, int64_t count) {
  for (int64_t at = 0; at < count; at++) {
    float value = from[at] <= 0 ? 0 : from[at];
    to[at] = value > maximum ? maximum : value;
  }
}

WSL_CLONES
int32_t wsl_has_nan(const float *values, int64_t count) {
  // Blocks without a branch inside.
  const int64_t block = 4096;
  for (int64_t first = 0; first < count; first += block) {
    int64_t last = count - first < block ? count : first + block;
    int32_t found = 0;
    for (int64_t at = first; at < last; at++) found |= values[at] != values[at];
    if (found) return 1;
  }
  return 0;
}

WSL_CLONES
void wsl_mark_nan(const float *restrict values, float *restrict marks, int64_t count) {
  for (int64_t at = 0; at < count; at++) marks[at] = values[at] != values[at] ? 1 : 0;
}

WSL_CLONES
void wsl_put_nan(float *restrict values, const float *restrict marks, int64_t count) {
  for (int64_t at = 0; at < count; at++) values[at] = marks[at] != 0 ? NAN : values[at];
}
