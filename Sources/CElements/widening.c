#include "CElements.h"
#include "clones.h"
#include "elements.h"

#include <string.h>

WSL_CLONES
static void widen_float(const float *restrict from, double *restrict to, int64_t count) {
  for (int64_t at = 0; at < count; at++) to[at] = from[at];
}

WSL_CLONES
static void widen_half(const uint16_t *restrict from, double *restrict to, int64_t count) {
  for (int64_t at = 0; at < count; at++) to[at] = widened_half(from[at]);
}

WSL_CLONES
static void widen_brain(const uint16_t *restrict from, double *restrict to, int64_t count) {
  for (int64_t at = 0; at < count; at++) to[at] = float_of((uint32_t)from[at] << 16);
}

// Through a block of Float32 on the stack.
static void widen_small(
    WSLElementType type, const uint8_t *elements, double *values, int64_t count) {
  float block[256];
  for (int64_t begin = 0; begin < count; begin += 256) {
    int64_t size = count - begin < 256 ? count - begin : 256;
    wsl_widen_small(type, elements + begin, block, size);
    widen_float(block, values + begin, size);
  }
}

void wsl_widen(WSLElementType type, const void *elements, double *values, int64_t count) {
  switch (type) {
    case WSLFloat64: memcpy(values, elements, (size_t)count * sizeof *values); break;
    case WSLFloat32: widen_float(elements, values, count); break;
    case WSLFloat16: widen_half(elements, values, count); break;
    case WSLBrainFloat16: widen_brain(elements, values, count); break;
    default: widen_small(type, elements, values, count); break;
  }
}

WSL_CLONES
static uint32_t narrow_double(const double *restrict from, double *restrict to, int64_t count) {
  uint32_t broken = 0;
  for (int64_t at = 0; at < count; at++) {
    to[at] = from[at];
    broken |= !(magnitude(from[at]) <= 0x1.fffffffffffffp1023);
  }
  return broken;
}

WSL_CLONES
static uint32_t narrow_float(const double *restrict from, float *restrict to, int64_t count) {
  uint32_t broken = 0;
  for (int64_t at = 0; at < count; at++) {
    float value = (float)from[at];
    to[at] = value;
    broken |= (bits_of(value) & 0x7F800000) == 0x7F800000;
  }
  return broken;
}

WSL_CLONES
static uint32_t narrow_half(const double *restrict from, uint16_t *restrict to, int64_t count) {
  uint32_t broken = 0;
  for (int64_t at = 0; at < count; at++) {
    uint16_t value = narrowed_half(from[at]);
    to[at] = value;
    broken |= (value & 0x7C00) == 0x7C00;
  }
  return broken;
}

WSL_CLONES
static uint32_t narrow_brain(const double *restrict from, uint16_t *restrict to, int64_t count) {
  uint32_t broken = 0;
  for (int64_t at = 0; at < count; at++) {
    uint16_t value = narrowed_brain(from[at]);
    to[at] = value;
    broken |= (value & 0x7F80) == 0x7F80;
  }
  return broken;
}

static uint32_t narrow_small(
    WSLElementType type, const double *values, uint8_t *elements, int64_t count) {
  uint32_t broken = 0;
  for (int64_t at = 0; at < count; at++) {
    float back;
    elements[at] = wsl_narrow_small(type, values[at]);
    wsl_widen_small(type, &elements[at], &back, 1);
    broken |= (bits_of(back) & 0x7F800000) == 0x7F800000;
  }
  return broken;
}

uint32_t wsl_narrow(WSLElementType type, const double *values, void *elements, int64_t count) {
  switch (type) {
    case WSLFloat64: return narrow_double(values, elements, count);
    case WSLFloat32: return narrow_float(values, elements, count);
    case WSLFloat16: return narrow_half(values, elements, count);
    case WSLBrainFloat16: return narrow_brain(values, elements, count);
    default: return narrow_small(type, values, elements, count);
  }
}
