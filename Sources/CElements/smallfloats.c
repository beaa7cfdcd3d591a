#include "CElements.h"
#include "clones.h"
#include "elements.h"

WSL_CLONES
static void widen_e4m3(const uint8_t *restrict from, float *restrict to, int64_t count) {
  for (int64_t at = 0; at < count; at++) to[at] = widened_e4m3(from[at]);
}

WSL_CLONES
static void widen_e5m2(const uint8_t *restrict from, float *restrict to, int64_t count) {
  for (int64_t at = 0; at < count; at++) to[at] = widened_e5m2(from[at]);
}

WSL_CLONES
static void widen_e4m3fnuz(const uint8_t *restrict from, float *restrict to, int64_t count) {
  for (int64_t at = 0; at < count; at++) to[at] = widened_e4m3fnuz(from[at]);
}

WSL_CLONES
static void widen_e5m2fnuz(const uint8_t *restrict from, float *restrict to, int64_t count) {
  for (int64_t at = 0; at < count; at++) to[at] = widened_e5m2fnuz(from[at]);
}

int32_t wsl_is_small_float(WSLElementType type) { return type >= WSLFloat8E4M3; }

void wsl_widen_small(WSLElementType type, const uint8_t *elements, float *values, int64_t count) {
  switch (type) {
    case WSLFloat8E4M3: widen_e4m3(elements, values, count); break;
    case WSLFloat8E5M2: widen_e5m2(elements, values, count); break;
    case WSLFloat8E4M3FNUZ: widen_e4m3fnuz(elements, values, count); break;
    case WSLFloat8E5M2FNUZ: widen_e5m2fnuz(elements, values, count); break;
    default: break;
  }
}

// What distinguishes the types: bits after the leading one, the exponent of the smallest normal
// number, the largest number, the bits of what is too large and of what is no number, and whether
// those are the same for both signs.
typedef struct {
  int32_t fraction, least;
  double most;
  uint8_t above, none, isUnsigned;
} SmallFloat;

static const SmallFloat formats[] = {
    {3, -6, 448, 0x7F, 0x7F, 0},
    {2, -14, 57344, 0x7C, 0x7E, 0},
    {3, -7, 240, 0x80, 0x80, 1},
    {2, -15, 57344, 0x80, 0x80, 1},
};

uint8_t wsl_narrow_small(WSLElementType type, double value) {
  if (!wsl_is_small_float(type)) return 0;
  const SmallFloat *format = &formats[type - WSLFloat8E4M3];
  uint8_t sign = pattern_of(value) >> 63 ? 0x80 : 0;
  double size = magnitude(value);
  if (size != size) return format->isUnsigned ? format->none : sign | format->none;
  int32_t exponent = (int32_t)(pattern_of(size) >> 52) - 1023;
  exponent = exponent < format->least ? format->least : exponent;
  if (exponent > 1000) exponent = 1000;
  // In units of the last place, of which adding and taking off 2^52 leaves whole ones.
  double steps = size / __builtin_ldexp(1, exponent - format->fraction);
  steps = (steps + 0x1p52) - 0x1p52;
  if (!(__builtin_ldexp(steps, exponent - format->fraction) <= format->most)) {
    return format->isUnsigned ? format->above : sign | format->above;
  }
  // A number that was rounded up to the next power of two carries into the exponent.
  uint8_t bits = (uint8_t)(((exponent - format->least) << format->fraction) + (int32_t)steps);
  return format->isUnsigned && bits == 0 ? 0 : sign | bits;
}
