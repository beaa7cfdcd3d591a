#include "CElements.h"
#include "clones.h"

#include <string.h>

typedef int32_t Index16 __attribute__((ext_vector_type(16), aligned(4)));

WSL_CLONES
uint32_t wsl_largest_magnitude_bits(const float *values, int64_t count) {
  Index16 largest = {0};
  int64_t at = 0;
  // Floats are read as bits by copies, which compile to plain loads.
  for (; at + 16 <= count; at += 16) {
    Index16 bits;
    memcpy(&bits, values + at, sizeof bits);
    Index16 magnitude = bits & 0x7FFFFFFF;
    largest = magnitude > largest ? magnitude : largest;
  }
  int32_t result = __builtin_reduce_max(largest);
  for (; at < count; at++) {
    int32_t bits;
    memcpy(&bits, values + at, sizeof bits);
    int32_t magnitude = bits & 0x7FFFFFFF;
    result = magnitude > result ? magnitude : result;
  }
  return (uint32_t)result;
}
