// Elements as files store them: their bits, and their numbers as Float64.
#ifndef WSL_ELEMENTS_H
#define WSL_ELEMENTS_H

#include <stdint.h>
#include <string.h>

// The same bits on every processor.
#pragma STDC FP_CONTRACT OFF

static inline float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline uint64_t pattern_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline double magnitude(double value) { return __builtin_elementwise_abs(value); }

// An IEEE half as a float: the exponent is re-biased by a multiplication, which also normalises
// subnormals; infinities and NaN keep the largest exponent.
static inline float widened_half(uint16_t bits) {
  uint32_t size = (uint32_t)(bits & 0x7FFF) << 13;
  uint32_t sign = (uint32_t)(bits & 0x8000) << 16;
  uint32_t scaled = bits_of(float_of(size) * 0x1p112f);
  uint32_t special = size | 0x7F800000;
  return float_of((size >= 0x0F800000 ? special : scaled) | sign);
}

// A double rounded to odd: toward zero, and the last bit set where that was not exact. Rounding the
// result to a type with at least two bits less is the same as rounding the double itself.
static inline uint32_t rounded_to_odd(double value) {
  float nearest = (float)value;
  double back = nearest;
  uint32_t bits = bits_of(nearest);
  uint32_t outward = magnitude(back) > magnitude(value);
  uint32_t inexact = (back < value) | (back > value);
  return (bits - outward) | inexact;
}

static inline uint16_t narrowed_brain(double value) {
  uint32_t bits = rounded_to_odd(value);
  uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  uint32_t quiet = bits >> 16 | 0x40;
  return (uint16_t)((bits & 0x7FFFFFFF) > 0x7F800000 ? quiet : rounded);
}

static inline uint16_t narrowed_half(double value) {
  uint32_t bits = rounded_to_odd(value);
  uint32_t sign = bits >> 16 & 0x8000;
  uint32_t size = bits & 0x7FFFFFFF;
  // A subnormal half is a multiple of 2^-24: adding 0.5 rounds there, ties to even.
  uint32_t subnormal = bits_of(float_of(size) + 0.5f) - 0x3F000000;
  uint32_t normal = (size + 0x0FFF + (size >> 13 & 1) - 0x38000000) >> 13;
  uint32_t result = size < 0x38800000 ? subnormal : normal;
  result = size >= 0x477FF000 ? 0x7C00 : result;
  result = size > 0x7F800000 ? 0x7E00 : result;
  return (uint16_t)(sign | result);
}

// Floats of 8 bits. The exponent is re-biased by a multiplication, as that of a half is, which also
// normalises subnormals.

// Four bits of exponent with the bias 7, no infinity, and one number that is none.
static inline float widened_e4m3(uint8_t bits) {
  uint32_t size = (uint32_t)(bits & 0x7F) << 20;
  uint32_t scaled = bits_of(float_of(size) * 0x1p120f);
  return float_of((size == 0x07F00000 ? 0x7FC00000 : scaled) | (uint32_t)(bits & 0x80) << 24);
}

// The upper byte of a half.
static inline float widened_e5m2(uint8_t bits) { return widened_half((uint16_t)(bits << 8)); }

// The variants whose bias is larger by one have neither infinities nor a negative zero, whose bits
// are the one number that is none.
static inline float widened_e4m3fnuz(uint8_t bits) {
  uint32_t scaled = bits_of(float_of((uint32_t)(bits & 0x7F) << 20) * 0x1p119f);
  return float_of(bits == 0x80 ? 0x7FC00000 : scaled | (uint32_t)(bits & 0x80) << 24);
}

static inline float widened_e5m2fnuz(uint8_t bits) {
  uint32_t scaled = bits_of(float_of((uint32_t)(bits & 0x7F) << 21) * 0x1p111f);
  return float_of(bits == 0x80 ? 0x7FC00000 : scaled | (uint32_t)(bits & 0x80) << 24);
}

#endif
