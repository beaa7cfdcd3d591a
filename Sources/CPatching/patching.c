#include "CPatching.h"
#include "clones.h"
#include "elements.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT OFF

enum { block = 1024 };

// Codes.

WSL_CLONES
static void decode_block(
  const uint8_t *restrict codes, int32_t zero, double step, double factor, int32_t overwrites,
  double *restrict sums, int64_t count) {
  if (overwrites) {
    for (int64_t at = 0; at < count; at++) {
      int32_t level = (int32_t)codes[at] - zero;
      double value = factor * ((double)level * step);
      sums[at] = level == 0 ? -0.0 : value;
    }
  } else {
    for (int64_t at = 0; at < count; at++) {
      int32_t level = (int32_t)codes[at] - zero;
      double value = factor * ((double)level * step);
      sums[at] += level == 0 ? -0.0 : value;
    }
  }
}

WSL_CLONES
static void split_nibbles(
  const uint8_t *restrict bytes, uint8_t *restrict codes, int64_t byteCount) {
  for (int64_t at = 0; at < byteCount; at++) {
    codes[2 * at] = bytes[at] & 15;
    codes[2 * at + 1] = bytes[at] >> 4;
  }
}

void wsl_decode_codes(
  const uint8_t *codes, int64_t first, int32_t codesPerByte, int32_t zero, double step,
  double factor, int32_t overwrites, double *sums, int64_t count) {
  if (codesPerByte != 2) {
    decode_block(codes + first, zero, step, factor, overwrites, sums, count);
    return;
  }
  uint8_t plain[block + 2];
  for (int64_t done = 0; done < count; done += block) {
    int64_t size = count - done < block ? count - done : block;
    int64_t odd = (first + done) & 1;
    split_nibbles(codes + (first + done) / 2, plain, (size + odd + 1) / 2);
    decode_block(plain + odd, zero, step, factor, overwrites, sums + done, size);
  }
}

WSL_CLONES
void wsl_decode_floats(
  const void *values, double factor, int32_t overwrites, double *sums, int64_t count) {
  const uint8_t *from = values;
  for (int64_t at = 0; at < count; at++) {
    uint32_t bits;
    memcpy(&bits, from + 4 * at, sizeof bits);
    double value = factor * (double)float_of(bits);
    sums[at] = (overwrites ? -0.0 : sums[at]) + value;
  }
}

// Elements.

static inline double double_of(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static const uint64_t negative_zero = (uint64_t)1 << 63;

// The first symbol from a place on that has an escape, or the end. They are rare: eight are looked at
// at once.
static inline int64_t next_escape(const uint8_t *symbols, int64_t at, int64_t count) {
  for (; at + 8 <= count; at += 8) {
    uint64_t eight;
    memcpy(&eight, symbols + at, sizeof eight);
    uint64_t both = eight & eight >> 1 & 0x0101010101010101;
    if (both != 0) return at + __builtin_ctzll(both) / 8;
  }
  while (at < count && symbols[at] != 3) at++;
  return at;
}

// For each type of elements a loop that patches, and one that restores, over one block. Bits in the
// order of the numbers they stand for are `ordered`: neighbours differ by one.
#define WSL_PATCHING(name, bits_type, top, exponent, widen, narrow)                                \
  static inline bits_type ordered_##name(bits_type bits) {                                         \
    return bits >> top ? (bits_type)~bits : (bits_type)(bits | (bits_type)1 << top);               \
  }                                                                                                \
  static inline bits_type unordered_##name(bits_type place) {                                      \
    return place >> top ? (bits_type)(place ^ (bits_type)1 << top) : (bits_type)~place;            \
  }                                                                                                \
  static inline bits_type predicted_##name(                                                        \
    bits_type bits, double add, double inverse, int32_t known) {                                   \
    bits_type guess = narrow((widen(bits) - add) * inverse);                                       \
    return ((bits & (bits_type)exponent) != (bits_type)exponent) & known ? guess : bits;           \
  }                                                                                                \
  WSL_CLONES                                                                                       \
  static void patch_##name(                                                                        \
    bits_type *restrict elements, const double *restrict add, double keep, double inverse,         \
    int32_t known, bits_type *restrict residues, int64_t count) {                                  \
    for (int64_t at = 0; at < count; at++) {                                                       \
      bits_type old = elements[at];                                                                \
      bits_type sum = narrow(keep * widen(old) + add[at]);                                         \
      bits_type new = (old & (bits_type)exponent) != (bits_type)exponent ? sum : old;              \
      elements[at] = new;                                                                          \
      bits_type guess = predicted_##name(new, add[at], inverse, known);                            \
      bits_type distance = (bits_type)(ordered_##name(old) - ordered_##name(guess));               \
      bits_type sign = (bits_type)(0 - (distance >> top));                                         \
      residues[at] = (bits_type)((bits_type)(distance << 1) ^ sign);                               \
    }                                                                                              \
  }                                                                                                \
  WSL_CLONES                                                                                       \
  static void restore_##name(                                                                      \
    bits_type *restrict elements, const double *restrict add, double inverse, int32_t known,       \
    const uint8_t *restrict changed, const bits_type *restrict residues, int64_t count) {          \
    for (int64_t at = 0; at < count; at++) {                                                       \
      bits_type new = elements[at];                                                                \
      bits_type guess = predicted_##name(new, add[at], inverse, known);                            \
      bits_type coded = residues[at];                                                              \
      bits_type distance = (bits_type)((coded >> 1) ^ (bits_type)(0 - (coded & 1)));               \
      bits_type old = unordered_##name((bits_type)(ordered_##name(guess) + distance));             \
      elements[at] = changed[at] ? old : new;                                                      \
    }                                                                                              \
  }                                                                                                \
  WSL_CLONES                                                                                       \
  static uint8_t symbols_##name(                                                                   \
    const bits_type *restrict residues, uint8_t *restrict symbols, int64_t count) {                \
    uint8_t all = 0;                                                                               \
    for (int64_t at = 0; at < count; at++) {                                                       \
      uint8_t symbol = (uint8_t)(residues[at] < 3 ? residues[at] : 3);                             \
      symbols[at] = symbol;                                                                        \
      all |= symbol & (symbol >> 1);                                                               \
    }                                                                                              \
    return all;                                                                                    \
  }                                                                                                \
  static uint8_t *escaped_##name(                                                                  \
    const bits_type *residues, const uint8_t *symbols, int64_t count, uint8_t *escapes) {          \
    for (int64_t at = 0; at < count; at++) {                                                       \
      at = next_escape(symbols, at, count);                                                        \
      if (at == count) break;                                                                      \
      uint64_t rest = residues[at] - 3;                                                            \
      for (; rest > 127; rest >>= 7) *escapes++ = (uint8_t)(rest | 128);                           \
      *escapes++ = (uint8_t)rest;                                                                  \
    }                                                                                              \
    return escapes;                                                                                \
  }                                                                                                \
  static int32_t residues_##name(                                                                  \
    bits_type *residues, const uint8_t *changed, int64_t count, const uint8_t **symbols,           \
    const uint8_t *symbolsEnd, const uint8_t **escapes, const uint8_t *escapesEnd) {               \
    const uint8_t *symbol = *symbols;                                                              \
    if (count_changed(changed, count) > symbolsEnd - symbol) return 1;                             \
    uint8_t plain[block];                                                                          \
    for (int64_t at = 0; at < count; at++) {                                                       \
      plain[at] = *symbol & (uint8_t)-changed[at];                                                 \
      symbol += changed[at];                                                                       \
    }                                                                                              \
    for (int64_t at = 0; at < count; at++) residues[at] = plain[at];                               \
    for (int64_t at = 0; at < count; at++) {                                                       \
      at = next_escape(plain, at, count);                                                          \
      if (at == count) break;                                                                      \
      uint64_t more;                                                                               \
      if (!escape(escapes, escapesEnd, &more)) return 1;                                           \
      residues[at] = (bits_type)(more + 3);                                                        \
    }                                                                                              \
    *symbols = symbol;                                                                             \
    return 0;                                                                                      \
  }

WSL_CLONES
static int64_t count_changed(const uint8_t *changed, int64_t count) {
  int64_t sum = 0;
  for (int64_t at = 0; at < count; at++) sum += changed[at];
  return sum;
}

// Takes one number; 0 where it is cut off or too long.
static inline int32_t escape(const uint8_t **escapes, const uint8_t *end, uint64_t *more) {
  uint64_t number = 0;
  for (int32_t shift = 0; shift < 70; shift += 7) {
    if (*escapes == end) return 0;
    uint8_t byte = *(*escapes)++;
    number |= (uint64_t)(byte & 127) << shift;
    if (byte < 128) {
      *more = number;
      return 1;
    }
  }
  return 0;
}

static inline double widened_brain(uint16_t bits) { return float_of((uint32_t)bits << 16); }
static inline double widened_single(uint32_t bits) { return float_of(bits); }
static inline uint32_t narrowed_single(double value) { return bits_of((float)value); }

WSL_PATCHING(double, uint64_t, 63, 0x7FF0000000000000, double_of, pattern_of)
WSL_PATCHING(single, uint32_t, 31, 0x7F800000, widened_single, narrowed_single)
WSL_PATCHING(half, uint16_t, 15, 0x7C00, (double)widened_half, narrowed_half)
WSL_PATCHING(brain, uint16_t, 15, 0x7F80, widened_brain, narrowed_brain)

// Which elements have a residue.
WSL_CLONES
static void find_changed(
  const double *restrict add, int32_t all, uint8_t *restrict changed, int64_t count) {
  for (int64_t at = 0; at < count; at++) {
    changed[at] = (pattern_of(add[at]) != negative_zero) | all;
  }
}

// Keeps the symbols of elements that have a residue; writes up to seven bytes beyond them.
static int64_t keep_changed_plain(
  const uint8_t *all, const uint8_t *changed, int64_t count, uint8_t *symbols) {
  int64_t kept = 0;
  for (int64_t at = 0; at < count; at++) {
    symbols[kept] = all[at];
    kept += changed[at];
  }
  return kept;
}

#if defined(__x86_64__)
// The same, eight at once.
__attribute__((target("bmi2,popcnt"))) static int64_t keep_changed_fast(
  const uint8_t *all, const uint8_t *changed, int64_t count, uint8_t *symbols) {
  int64_t kept = 0;
  int64_t at = 0;
  for (; at + 8 <= count; at += 8) {
    uint64_t eight, flags;
    memcpy(&eight, all + at, sizeof eight);
    memcpy(&flags, changed + at, sizeof flags);
    eight = _pext_u64(eight, flags * 255);
    memcpy(symbols + kept, &eight, sizeof eight);
    kept += _mm_popcnt_u64(flags);
  }
  return kept + keep_changed_plain(all + at, changed + at, count - at, symbols + kept);
}

static int64_t keep_changed(
  const uint8_t *all, const uint8_t *changed, int64_t count, uint8_t *symbols) {
  return __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt")
           ? keep_changed_fast(all, changed, count, symbols)
           : keep_changed_plain(all, changed, count, symbols);
}
#else
#define keep_changed keep_changed_plain
#endif

#define WSL_PATCH_BLOCK(name, bits_type)                                                           \
  {                                                                                                \
    bits_type residues[block];                                                                     \
    bits_type *part = (bits_type *)elements + done;                                                \
    patch_##name(part, add + done, keep, inverse, known, residues, size);                          \
    if (symbols_##name(residues, plain, size)) {                                                   \
      *escapes = escaped_##name(residues, plain, size, *escapes);                                  \
    }                                                                                              \
    break;                                                                                         \
  }

int64_t wsl_patch_elements(
  WSLElementType type, void *elements, const double *add, double keep, int64_t count,
  uint8_t *symbols, uint8_t **escapes) {
  double inverse = keep == 0 ? 0 : 1 / keep;
  int32_t known = keep != 0;
  int64_t kept = 0;
  uint8_t plain[block], changed[block];
  for (int64_t done = 0; done < count; done += block) {
    int64_t size = count - done < block ? count - done : block;
    find_changed(add + done, keep != 1, changed, size);
    switch (type) {
      case WSLFloat64: WSL_PATCH_BLOCK(double, uint64_t)
      case WSLFloat32: WSL_PATCH_BLOCK(single, uint32_t)
      case WSLFloat16: WSL_PATCH_BLOCK(half, uint16_t)
      case WSLBrainFloat16: WSL_PATCH_BLOCK(brain, uint16_t)
      default: return 0;  // types that are not patched
    }
    kept += keep_changed(plain, changed, size, symbols + kept);
  }
  return kept;
}

#define WSL_RESTORE_BLOCK(name, bits_type)                                                         \
  {                                                                                                \
    bits_type residues[block];                                                                     \
    bits_type *part = (bits_type *)elements + done;                                                \
    if (residues_##name(                                                                           \
          residues, changed, size, symbols, symbolsEnd, escapes, escapesEnd)) {                    \
      return 1;                                                                                    \
    }                                                                                              \
    restore_##name(part, add + done, inverse, known, changed, residues, size);                     \
    break;                                                                                         \
  }

int32_t wsl_restore_elements(
  WSLElementType type, void *elements, const double *add, double keep, int64_t count,
  const uint8_t **symbols, const uint8_t *symbolsEnd, const uint8_t **escapes,
  const uint8_t *escapesEnd) {
  double inverse = keep == 0 ? 0 : 1 / keep;
  int32_t known = keep != 0;
  uint8_t changed[block];
  for (int64_t done = 0; done < count; done += block) {
    int64_t size = count - done < block ? count - done : block;
    find_changed(add + done, keep != 1, changed, size);
    switch (type) {
      case WSLFloat64: WSL_RESTORE_BLOCK(double, uint64_t)
      case WSLFloat32: WSL_RESTORE_BLOCK(single, uint32_t)
      case WSLFloat16: WSL_RESTORE_BLOCK(half, uint16_t)
      case WSLBrainFloat16: WSL_RESTORE_BLOCK(brain, uint16_t)
      default: return 1;  // types that are not patched
    }
  }
  return 0;
}

WSL_CLONES
static void pack_whole(const uint8_t *restrict symbols, int64_t bytes, uint8_t *restrict packed) {
  for (int64_t at = 0; at < bytes; at++) {
    packed[at] = (uint8_t)(symbols[4 * at] | symbols[4 * at + 1] << 2 | symbols[4 * at + 2] << 4
                           | symbols[4 * at + 3] << 6);
  }
}

void wsl_pack_symbols(const uint8_t *symbols, int64_t count, uint8_t *packed) {
  pack_whole(symbols, count / 4, packed);
  if (count % 4 == 0) return;
  uint8_t last = 0;
  for (int64_t at = count / 4 * 4; at < count; at++) last |= symbols[at] << 2 * (at % 4);
  packed[count / 4] = last;
}

void wsl_unpack_symbols(const uint8_t *packed, int64_t count, uint8_t *symbols) {
  for (int64_t at = 0; at < count / 4; at++) {
    uint32_t four = packed[at];
    four = (four | four << 12) & 0x000F000F;
    four = (four | four << 6) & 0x03030303;
    for (int64_t byte = 0; byte < 4; byte++) symbols[4 * at + byte] = (uint8_t)(four >> 8 * byte);
  }
  for (int64_t at = count / 4 * 4; at < count; at++) symbols[at] = packed[at / 4] >> 2 * (at % 4) & 3;
}
