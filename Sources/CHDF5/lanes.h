/* Sixteen bytes at once, and the rounds of zipping that gather and spread planes of bytes. */
#ifndef CHDF5_LANES_H
#define CHDF5_LANES_H

#include <stddef.h>
#include <stdint.h>
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

#endif
