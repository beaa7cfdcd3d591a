#include "CHDF5.h"
#include "lanes.h"

/* Transposes the bits of eight vectors: bit i of v[j] becomes bit j of v[i], in every lane. */
static inline void transpose_bits(lanes *v) {
  static const uint8_t masks[3] = {0x55, 0x33, 0x0F};
  for (int round = 0; round < 3; round++) {
    int distance = 1 << round;
    for (int i = 0; i < 8; i++) {
      if ((i & distance) != 0) continue;
      lanes change = ((v[i] >> distance) ^ v[i + distance]) & masks[round];
      v[i + distance] ^= change;
      v[i] ^= change << distance;
    }
  }
}

static inline void transpose_bits_of_one(uint8_t *v) {
  uint8_t result[8] = {0};
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 8; j++) result[i] |= (uint8_t)((v[j] >> i & 1) << j);
  memcpy(v, result, 8);
}

void chdf5_bitunshuffle(
    const uint8_t *from, uint8_t *to, uint8_t *scratch, size_t count, size_t element_size) {
  size_t row = count / 8;
  uint8_t *planes = element_size == 1 ? to : scratch;
  for (size_t k = 0; k < element_size; k++) {
    const uint8_t *rows = from + 8 * k * row;
    uint8_t *plane = planes + k * count;
    size_t at = 0;
    for (; at + 16 <= row; at += 16) {
      lanes v[8];
      for (int j = 0; j < 8; j++) v[j] = load(rows + (size_t)j * row + at);
      transpose_bits(v);
      join(v, 8);
      for (int j = 0; j < 8; j++) store(plane + 8 * at + 16 * (size_t)j, v[j]);
    }
    for (; at < row; at++) {
      uint8_t v[8];
      for (size_t j = 0; j < 8; j++) v[j] = rows[j * row + at];
      transpose_bits_of_one(v);
      memcpy(plane + 8 * at, v, 8);
    }
  }
  if (element_size > 1) chdf5_unshuffle(planes, to, count * element_size, element_size);
}

void chdf5_bitshuffle(
    const uint8_t *from, uint8_t *to, uint8_t *scratch, size_t count, size_t element_size) {
  size_t row = count / 8;
  const uint8_t *planes = element_size == 1 ? from : scratch;
  if (element_size > 1) chdf5_shuffle(from, scratch, count * element_size, element_size);
  for (size_t k = 0; k < element_size; k++) {
    const uint8_t *plane = planes + k * count;
    uint8_t *rows = to + 8 * k * row;
    size_t at = 0;
    for (; at + 16 <= row; at += 16) {
      lanes v[8];
      for (int j = 0; j < 8; j++) v[j] = load(plane + 8 * at + 16 * (size_t)j);
      split(v, 8);
      transpose_bits(v);
      for (int j = 0; j < 8; j++) store(rows + (size_t)j * row + at, v[j]);
    }
    for (; at < row; at++) {
      uint8_t v[8];
      memcpy(v, plane + 8 * at, 8);
      transpose_bits_of_one(v);
      for (size_t j = 0; j < 8; j++) rows[j * row + at] = v[j];
    }
  }
}
