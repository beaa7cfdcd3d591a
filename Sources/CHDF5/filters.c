#include "CHDF5.h"

#include <string.h>

typedef uint8_t lanes __attribute__((vector_size(16)));

static inline lanes load(const uint8_t *from) {
  lanes value;
  memcpy(&value, from, sizeof value);
  return value;
}

static inline void store(uint8_t *to, lanes value) { memcpy(to, &value, sizeof value); }

static inline lanes zip_low(lanes a, lanes b) {
  return __builtin_shufflevector(
      a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

static inline lanes zip_high(lanes a, lanes b) {
  return __builtin_shufflevector(
      a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

static inline lanes even(lanes a, lanes b) {
  return __builtin_shufflevector(
      a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

static inline lanes odd(lanes a, lanes b) {
  return __builtin_shufflevector(
      a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

/* Sixteen elements of `size` bytes (2, 4 or 8) from `size` planes: rounds of zipping vector i with
 * vector i + size/2 move byte k of every element to its place. */
static inline void join(lanes *v, size_t size) {
  lanes next[8];
  for (size_t round = 1; round < size; round *= 2) {
    for (size_t i = 0; i < size / 2; i++) {
      next[2 * i] = zip_low(v[i], v[i + size / 2]);
      next[2 * i + 1] = zip_high(v[i], v[i + size / 2]);
    }
    memcpy(v, next, size * sizeof(lanes));
  }
}

/* The inverse of `join`. */
static inline void split(lanes *v, size_t size) {
  lanes next[8];
  for (size_t round = 1; round < size; round *= 2) {
    for (size_t i = 0; i < size / 2; i++) {
      next[i] = even(v[2 * i], v[2 * i + 1]);
      next[i + size / 2] = odd(v[2 * i], v[2 * i + 1]);
    }
    memcpy(v, next, size * sizeof(lanes));
  }
}

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
