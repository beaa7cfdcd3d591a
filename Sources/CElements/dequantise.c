#include "CElements.h"
#include "clones.h"
#include "elements.h"

// A scale: an IEEE half at any address.
static inline float scale_at(const uint8_t *bytes, int32_t isBigEndian) {
  uint16_t low = bytes[isBigEndian ? 1 : 0], high = bytes[isBigEndian ? 0 : 1];
  return widened_half((uint16_t)(low | high << 8));
}

// One block of each type. `q` are the low bits of numbers, `h` their high bits. Loops have a fixed
// number of rounds, so that they are unrolled or vectorised.

// A half, then 16 bytes: the numbers of the first half in the low bits, of the second in the high.
static inline void block_q4_0(const uint8_t *restrict block, float *restrict to, int32_t big) {
  float scale = scale_at(block, big);
  const uint8_t *q = block + 2;
  for (int at = 0; at < 16; at++) {
    to[at] = scale * (float)((q[at] & 15) - 8);
    to[at + 16] = scale * (float)((q[at] >> 4) - 8);
  }
}

// The same with an offset.
static inline void block_q4_1(const uint8_t *restrict block, float *restrict to, int32_t big) {
  float scale = scale_at(block, big), offset = scale_at(block + 2, big);
  const uint8_t *q = block + 4;
  for (int at = 0; at < 16; at++) {
    to[at] = scale * (float)(q[at] & 15) + offset;
    to[at + 16] = scale * (float)(q[at] >> 4) + offset;
  }
}

// The fifth bits of all 32 numbers come first, in four bytes.
static inline void block_q5_0(const uint8_t *restrict block, float *restrict to, int32_t big) {
  float scale = scale_at(block, big);
  const uint8_t *q = block + 6;
  uint32_t h = block[2] | block[3] << 8 | block[4] << 16 | (uint32_t)block[5] << 24;
  for (int at = 0; at < 16; at++) {
    int32_t low = (int32_t)((q[at] & 15) | (h >> at & 1) << 4);
    int32_t high = (int32_t)((q[at] >> 4) | (h >> (at + 16) & 1) << 4);
    to[at] = scale * (float)(low - 16);
    to[at + 16] = scale * (float)(high - 16);
  }
}

static inline void block_q5_1(const uint8_t *restrict block, float *restrict to, int32_t big) {
  float scale = scale_at(block, big), offset = scale_at(block + 2, big);
  const uint8_t *q = block + 8;
  uint32_t h = block[4] | block[5] << 8 | block[6] << 16 | (uint32_t)block[7] << 24;
  for (int at = 0; at < 16; at++) {
    int32_t low = (int32_t)((q[at] & 15) | (h >> at & 1) << 4);
    int32_t high = (int32_t)((q[at] >> 4) | (h >> (at + 16) & 1) << 4);
    to[at] = scale * (float)low + offset;
    to[at + 16] = scale * (float)high + offset;
  }
}

static inline void block_q8_0(const uint8_t *restrict block, float *restrict to, int32_t big) {
  float scale = scale_at(block, big);
  const uint8_t *q = block + 2;
  for (int at = 0; at < 32; at++) to[at] = scale * (float)(int8_t)q[at];
}

// Sixteen bytes of scales and offsets of four bits, one for each 16 numbers, then numbers of two bits:
// in each 32 bytes 128 numbers, the first 32 in the lowest bits.
static inline void block_q2_k(const uint8_t *restrict block, float *restrict to, int32_t big) {
  const uint8_t *scales = block, *q = block + 16;
  float scale = scale_at(block + 80, big), offset = scale_at(block + 82, big);
  for (int group = 0; group < 16; group++) {
    float own = scale * (float)(scales[group] & 15);
    float least = offset * (float)(scales[group] >> 4);
    const uint8_t *from = q + group / 8 * 32 + group % 2 * 16;
    int shift = group / 2 % 4 * 2;
    for (int at = 0; at < 16; at++) {
      to[group * 16 + at] = own * (float)(from[at] >> shift & 3) - least;
    }
  }
}

// The third bits of all numbers in 32 bytes, the first 32 numbers in the lowest bits: where one is
// clear, four is taken off. Scales have six bits: twice four in eight bytes, four times two in four.
static inline void block_q3_k(const uint8_t *restrict block, float *restrict to, int32_t big) {
  const uint8_t *h = block, *q = block + 32, *low = block + 96, *high = block + 104;
  float scale = scale_at(block + 108, big);
  for (int group = 0; group < 16; group++) {
    int32_t bits = (low[group % 8] >> (group / 8 * 4) & 15)
      | (high[group % 4] >> (group / 4 * 2) & 3) << 4;
    float own = scale * (float)(bits - 32);
    const uint8_t *from = q + group / 8 * 32 + group % 2 * 16, *third = h + group % 2 * 16;
    int shift = group / 2 % 4 * 2, bit = group / 2;
    for (int at = 0; at < 16; at++) {
      int32_t number = (from[at] >> shift & 3) - (~third[at] >> bit & 1) * 4;
      to[group * 16 + at] = own * (float)number;
    }
  }
}

// Scales and offsets of six bits for each 32 numbers, packed into 12 bytes.
static inline void scales_k(const uint8_t *bytes, int group, int32_t *scale, int32_t *offset) {
  if (group < 4) {
    *scale = bytes[group] & 63;
    *offset = bytes[group + 4] & 63;
  } else {
    *scale = (bytes[group + 4] & 15) | (bytes[group - 4] >> 2 & 48);
    *offset = (bytes[group + 4] >> 4) | (bytes[group] >> 2 & 48);
  }
}

static inline void block_q4_k(const uint8_t *restrict block, float *restrict to, int32_t big) {
  float scale = scale_at(block, big), offset = scale_at(block + 2, big);
  const uint8_t *scales = block + 4, *q = block + 16;
  for (int group = 0; group < 8; group++) {
    int32_t steps, least;
    scales_k(scales, group, &steps, &least);
    float own = scale * (float)steps, below = offset * (float)least;
    const uint8_t *from = q + group / 2 * 32;
    int shift = group % 2 * 4;
    for (int at = 0; at < 32; at++) {
      to[group * 32 + at] = own * (float)(from[at] >> shift & 15) - below;
    }
  }
}

static inline void block_q5_k(const uint8_t *restrict block, float *restrict to, int32_t big) {
  float scale = scale_at(block, big), offset = scale_at(block + 2, big);
  const uint8_t *scales = block + 4, *h = block + 16, *q = block + 48;
  for (int group = 0; group < 8; group++) {
    int32_t steps, least;
    scales_k(scales, group, &steps, &least);
    float own = scale * (float)steps, below = offset * (float)least;
    const uint8_t *from = q + group / 2 * 32;
    int shift = group % 2 * 4;
    for (int at = 0; at < 32; at++) {
      int32_t number = (from[at] >> shift & 15) | (h[at] >> group & 1) << 4;
      to[group * 32 + at] = own * (float)number - below;
    }
  }
}

// In each 64 bytes of low bits 128 numbers, the first 64 in the lower ones; in each 32 bytes of high
// bits 128 numbers, the first 32 in the lowest. Signed scales of a byte for each 16 numbers.
static inline void block_q6_k(const uint8_t *restrict block, float *restrict to, int32_t big) {
  const uint8_t *q = block, *h = block + 128, *scales = block + 192;
  float scale = scale_at(block + 208, big);
  for (int group = 0; group < 16; group++) {
    float own = scale * (float)(int8_t)scales[group];
    const uint8_t *from = q + group / 8 * 64 + group % 4 * 16;
    const uint8_t *above = h + group / 8 * 32 + group % 2 * 16;
    int shift = group / 4 % 2 * 4, bits = group / 2 % 4 * 2;
    for (int at = 0; at < 16; at++) {
      int32_t number = (from[at] >> shift & 15) | (above[at] >> bits & 3) << 4;
      to[group * 16 + at] = own * (float)(number - 32);
    }
  }
}

// Each type: its block, and the loop over blocks, for both instruction sets.
#define WSL_BLOCKS(name, length, size)                                                             \
  enum { name##_length = length, name##_size = size };                                             \
  WSL_CLONES                                                                                       \
  static void blocks_##name(                                                                       \
      const uint8_t *restrict blocks, float *restrict to, int64_t count, int32_t big) {            \
    for (int64_t at = 0; at < count; at++) {                                                       \
      block_##name(blocks + at * size, to + at * length, big);                                     \
    }                                                                                              \
  }

WSL_BLOCKS(q4_0, 32, 18)
WSL_BLOCKS(q4_1, 32, 20)
WSL_BLOCKS(q5_0, 32, 22)
WSL_BLOCKS(q5_1, 32, 24)
WSL_BLOCKS(q8_0, 32, 34)
WSL_BLOCKS(q2_k, 256, 84)
WSL_BLOCKS(q3_k, 256, 110)
WSL_BLOCKS(q4_k, 256, 144)
WSL_BLOCKS(q5_k, 256, 176)
WSL_BLOCKS(q6_k, 256, 210)

typedef struct {
  WSLBlockSize size;
  void (*convert)(const uint8_t *blocks, float *to, int64_t count, int32_t big);
} BlockFormat;

#define WSL_FORMAT(name) {{name##_length, name##_size}, blocks_##name}

static const BlockFormat formats[] = {
    [WSLBlockQ4_0] = WSL_FORMAT(q4_0), [WSLBlockQ4_1] = WSL_FORMAT(q4_1),
    [WSLBlockQ5_0] = WSL_FORMAT(q5_0), [WSLBlockQ5_1] = WSL_FORMAT(q5_1),
    [WSLBlockQ8_0] = WSL_FORMAT(q8_0), [WSLBlockQ2_K] = WSL_FORMAT(q2_k),
    [WSLBlockQ3_K] = WSL_FORMAT(q3_k), [WSLBlockQ4_K] = WSL_FORMAT(q4_k),
    [WSLBlockQ5_K] = WSL_FORMAT(q5_k), [WSLBlockQ6_K] = WSL_FORMAT(q6_k),
};

WSLBlockSize wsl_block_size(WSLBlockType type) { return formats[type].size; }

void wsl_dequantise(
    WSLBlockType type, int32_t isBigEndian, const uint8_t *blocks, float *values, int64_t count) {
  formats[type].convert(blocks, values, count, isBigEndian);
}
