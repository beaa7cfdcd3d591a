/* What the parts of the inflater share: a stream, its bits, and its codes. */
#ifndef CHDF5_INFLATE_H
#define CHDF5_INFLATE_H

#include "CHDF5.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* Tables of blocks of matches are smaller: those of two streams, and the windows that they copy from,
 * are to stay in the first cache. They always have that size, so that the loops know it. */
enum { table_bits = 11, match_table_bits = 10, longest = 15, literals = 286, distances = 30 };

/* Entries of a table. What is left aside, with LONG, is decoded in the slow way: codes that are
 * longer than the table, the end of a block, what no code reaches, and in a block of matches lengths
 * above 10.
 *   bits 0 to 7    how many bits to consume
 *   bits 8 to 12   how many of them are the code; the others are added to the value
 *   from bit 13 on the value: a length of 9 bits, a distance of 15, or a symbol
 * Literals of blocks of matches are matches of length 1, with their byte in bits 22 to 29. Those of
 * blocks of literals are one or two: bits to consume in the lowest byte, the bytes from bit 8 on,
 * their number in bits 24 and 25. */
#define LITERAL 0x80000000u
#define LONG 0x40000000u

struct code {
  uint16_t count[longest + 1];
  uint16_t symbols[literals];
  uint32_t bits; /* of the table */
  uint32_t table[1 << table_bits];
};

struct stream {
  uint64_t bits;
  uint32_t count; /* of bits that are there */
  bool is_last, is_done, has_failed, is_in_block;
  bool has_matches; /* the block is one of matches, not of literals */
  const uint8_t *in, *in_end;
  uint8_t *out, *out_begin, *out_end;
  struct code literal, distance;
};

extern const uint16_t chdf5_length_base[29], chdf5_distance_base[30];
extern const uint8_t chdf5_length_extra[29], chdf5_distance_extra[30];

/* At least 56 bits. Reads 8 bytes, of which some may lie behind the end. */
#define REFILL(bits, count, in)   \
  do {                            \
    uint64_t word;                \
    memcpy(&word, in, 8);         \
    bits |= word << count;        \
    in += (63 - count) >> 3;      \
    count |= 56;                  \
  } while (0)

/* A sound stream ends with four bytes of checksum, so that it never wants bits from farther. */
static inline bool refill(struct stream *s) {
  if (s->in > s->in_end + 3) return false;
  REFILL(s->bits, s->count, s->in);
  return true;
}

static inline uint32_t take(struct stream *s, unsigned count) {
  uint32_t value = (uint32_t)(s->bits & ((1u << count) - 1));
  s->bits >>= count;
  s->count -= count;
  return value;
}

static inline uint32_t entry_of(const struct stream *s, const struct code *code) {
  return code->table[s->bits & ((1u << code->bits) - 1)];
}

/* The value of an entry that is neither LONG nor of a block of literals. */
static inline uint32_t take_value(struct stream *s, uint32_t entry) {
  uint32_t base = entry >> 13 & 0x7FFF, code = entry >> 8 & 31;
  return base + (take(s, entry & 63) >> code);
}

/* Decodes bit by bit: the next symbol, or -1. At least 15 bits are there. */
int chdf5_next_symbol(struct stream *s, const struct code *code);

/* Reads the codes of a block. */
bool chdf5_read_codes(struct stream *s);

#endif
