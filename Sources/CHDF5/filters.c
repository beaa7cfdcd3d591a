#include "CHDF5.h"

#include "lanes.h"

#include <string.h>

/* Both are inlined with a constant size, so that the vectors stay in registers. */
static inline __attribute__((always_inline)) size_t unshuffle_blocks(
    const uint8_t *from, uint8_t *to, size_t count, size_t size) {
  size_t element = 0;
  for (; element + 16 <= count; element += 16) {
    lanes v[8];
    for (size_t k = 0; k < size; k++) v[k] = load(from + k * count + element);
    join(v, size);
    for (size_t k = 0; k < size; k++) store(to + element * size + k * 16, v[k]);
  }
  return element;
}

static inline __attribute__((always_inline)) size_t shuffle_blocks(
    const uint8_t *from, uint8_t *to, size_t count, size_t size) {
  size_t element = 0;
  for (; element + 16 <= count; element += 16) {
    lanes v[8];
    for (size_t k = 0; k < size; k++) v[k] = load(from + element * size + k * 16);
    split(v, size);
    for (size_t k = 0; k < size; k++) store(to + k * count + element, v[k]);
  }
  return element;
}

void chdf5_unshuffle(const uint8_t *from, uint8_t *to, size_t byte_count, size_t element_size) {
  size_t count = element_size == 0 ? 0 : byte_count / element_size;
  size_t done = 0;
  if (element_size <= 1) {
    memcpy(to, from, byte_count);
    return;
  }
  if (element_size == 2) done = unshuffle_blocks(from, to, count, 2);
  if (element_size == 4) done = unshuffle_blocks(from, to, count, 4);
  if (element_size == 8) done = unshuffle_blocks(from, to, count, 8);
  for (size_t k = 0; k < element_size; k++)
    for (size_t i = done; i < count; i++) to[i * element_size + k] = from[k * count + i];
  memcpy(to + count * element_size, from + count * element_size, byte_count - count * element_size);
}

void chdf5_shuffle(const uint8_t *from, uint8_t *to, size_t byte_count, size_t element_size) {
  size_t count = element_size == 0 ? 0 : byte_count / element_size;
  size_t done = 0;
  if (element_size <= 1) {
    memcpy(to, from, byte_count);
    return;
  }
  if (element_size == 2) done = shuffle_blocks(from, to, count, 2);
  if (element_size == 4) done = shuffle_blocks(from, to, count, 4);
  if (element_size == 8) done = shuffle_blocks(from, to, count, 8);
  for (size_t k = 0; k < element_size; k++)
    for (size_t i = done; i < count; i++) to[k * count + i] = from[i * element_size + k];
  memcpy(to + count * element_size, from + count * element_size, byte_count - count * element_size);
}

/* Sums modulo 65535 whose zero is written 65535 unless nothing was ever added, which is what the
 * format's own end-around carry gives. */
static inline uint64_t folded(uint64_t sum) { return sum == 0 ? 0 : (sum - 1) % 65535 + 1; }

uint32_t chdf5_fletcher32(const uint8_t *bytes, size_t byte_count) {
  uint64_t sum = 0, sum_of_sums = 0;
  size_t words = byte_count / 2;
  while (words > 0) {
    /* 2^16 words: the sum of sums stays below 2^16 * 2^16 * 2^17, far from overflow. */
    size_t block = words > 65536 ? 65536 : words;
    for (size_t i = 0; i < block; i++) {
      sum += (uint64_t)bytes[2 * i] << 8 | bytes[2 * i + 1];
      sum_of_sums += sum;
    }
    bytes += 2 * block;
    words -= block;
    sum = folded(sum);
    sum_of_sums = folded(sum_of_sums);
  }
  if (byte_count % 2 != 0) {
    sum = folded(sum + ((uint64_t)bytes[0] << 8));
    sum_of_sums = folded(sum_of_sums + sum);
  }
  return (uint32_t)(sum_of_sums << 16 | sum);
}
