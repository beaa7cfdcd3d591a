/* The fast loops: of one stream or of two in turns, of literals or of matches. Each ends where a
 * stream meets what only `step` knows, and before that is consumed. */
#ifndef CHDF5_INFLATE_LOOPS_H
#define CHDF5_INFLATE_LOOPS_H

#include "inflate.h"

#include "../lanes.h"

/* Bytes that one round reads at most, and that it may write: ten literals and a byte; a match. */
enum { in_room = 16, literal_room = 16, match_room = 258 + 16 };

INLINE bool has_room(const struct stream *s) {
  return s->is_in_block && s->in_end - s->in >= in_room
      && s->out_end - s->out >= (s->has_matches ? match_room : literal_room);
}

#define BEGIN(x, room)                                   \
  uint64_t bits_##x = x->bits;                           \
  uint32_t count_##x = x->count;                         \
  const uint8_t *in_##x = x->in;                         \
  uint8_t *out_##x = x->out;                             \
  const uint32_t *table_##x = x->literal.table;          \
  const uint64_t mask_##x = (1u << x->literal.bits) - 1; \
  const uint8_t *const in_stop_##x = x->in_end - in_room; \
  const uint8_t *const out_stop_##x = x->out_end - room

#define END(x)          \
  x->bits = bits_##x;   \
  x->count = count_##x; \
  x->in = in_##x;       \
  x->out = out_##x

#define GOES_ON(x) (in_##x <= in_stop_##x && out_##x <= out_stop_##x)

#define LITERALS(x)                                    \
  do {                                                 \
    uint32_t entry = table_##x[bits_##x & mask_##x];   \
    if (__builtin_expect((entry & LITERAL) == 0, 0)) { \
      who = x;                                         \
      goto out;                                        \
    }                                                  \
    uint16_t pair = (uint16_t)(entry >> 8);            \
    memcpy(out_##x, &pair, 2);                         \
    out_##x += entry >> 24 & 3;                        \
    bits_##x >>= entry & 63;                           \
    count_##x -= entry & 63;                           \
  } while (0)

/* Literals of both, until one of them meets something else: that one, or NULL at an end. */
INLINE struct stream *literals_of_both(struct stream *a, struct stream *b) {
  struct stream *who = NULL;
  BEGIN(a, literal_room);
  BEGIN(b, literal_room);
  while (GOES_ON(a) && GOES_ON(b)) {
    REFILL(bits_a, count_a, in_a);
    REFILL(bits_b, count_b, in_b);
    LITERALS(a); LITERALS(b);
    LITERALS(a); LITERALS(b);
    LITERALS(a); LITERALS(b);
    LITERALS(a); LITERALS(b);
    LITERALS(a); LITERALS(b);
  }
out:
  END(a);
  END(b);
  return who;
}

INLINE void literals_of_one(struct stream *a) {
  struct stream *who;
  BEGIN(a, literal_room);
  while (GOES_ON(a)) {
    REFILL(bits_a, count_a, in_a);
    LITERALS(a); LITERALS(a); LITERALS(a); LITERALS(a); LITERALS(a);
  }
out:
  (void)who;
  END(a);
}

/* Where literals are copied from, 16 bytes at a time as all matches are. */
#define R4(x) x, x + 1, x + 2, x + 3
#define R16(x) R4(x), R4(x + 4), R4(x + 8), R4(x + 12)
#define R64(x) R16(x), R16(x + 16), R16(x + 32), R16(x + 48)
static const uint8_t bytes_in_order[256 + 16] = {R64(0), R64(64), R64(128), R64(192)};

/* The distance of a literal: no bits, and farther than it is long. */
#define NOWHERE (16u << 13)

#define BEGIN_MATCHES(x)                                  \
  uint64_t bits_##x = x->bits;                            \
  uint64_t count_##x = x->count; /* in the lowest byte */ \
  const uint8_t *in_##x = x->in;                          \
  uint8_t *out_##x = x->out;                              \
  const uint8_t *const in_stop_##x = x->in_end - in_room; \
  const uint8_t *const out_stop_##x = x->out_end - match_room

#define END_MATCHES(x)           \
  x->bits = bits_##x;            \
  x->count = (uint8_t)count_##x; \
  x->in = in_##x;                \
  x->out = out_##x

#define REFILL_MATCHES(x)                \
  do {                                   \
    uint64_t word;                       \
    memcpy(&word, in_##x, 8);            \
    bits_##x |= word << (count_##x & 63); \
    in_##x += 7 - (count_##x >> 3 & 7);  \
    count_##x |= 56;                     \
  } while (0)

#define CHOOSE(condition, a, b) (__builtin_unpredictable(condition) ? (a) : (b))

/* A match, or a literal without asking which: what comes next cannot be guessed, and a wrong guess
 * costs more than all of this. Consumes at most 34 bits. */
#define MATCH(x)                                                                             \
  do {                                                                                       \
    uint32_t near = x->literal.table[bits_##x & ((1u << match_table_bits) - 1)];             \
    uint64_t rest = bits_##x >> (near & 63);                                                 \
    uint32_t far = x->distance.table[rest & ((1u << match_table_bits) - 1)];                 \
    far = CHOOSE((int32_t)near < 0, NOWHERE, far);                                           \
    uint32_t extra = (uint32_t)rest & ((1u << (far & 31)) - 1);                              \
    uint64_t distance = (far >> 13) + (extra >> (far >> 8 & 31));                            \
    const uint8_t *from = out_##x - distance;                                                \
    if (__builtin_expect(((near | far) & LONG) != 0 || from < x->out_begin, 0)) {            \
      who = x;                                                                               \
      goto out;                                                                              \
    }                                                                                        \
    from = CHOOSE((int32_t)near < 0, bytes_in_order + (near >> 22 & 255), from);             \
    bits_##x = rest >> (far & 63);                                                           \
    count_##x -= near;                                                                       \
    count_##x -= far;                                                                        \
    uint64_t length = near >> 13 & 511;                                                      \
    lanes bytes;                                                                             \
    memcpy(&bytes, from, 16);                                                                \
    memcpy(out_##x, &bytes, 16);                                                             \
    if (__builtin_expect(distance < length, 0))                                              \
      for (size_t i = 0; i < length; i++) out_##x[i] = from[i];                              \
    out_##x += length;                                                                       \
  } while (0)

/* Matches of both, in the same way. */
INLINE struct stream *matches_of_both(struct stream *a, struct stream *b) {
  struct stream *who = NULL;
  BEGIN_MATCHES(a);
  BEGIN_MATCHES(b);
  while (GOES_ON(a) && GOES_ON(b)) {
    REFILL_MATCHES(a);
    REFILL_MATCHES(b);
    MATCH(a);
    MATCH(b);
  }
out:
  END_MATCHES(a);
  END_MATCHES(b);
  return who;
}

INLINE void matches_of_one(struct stream *a) {
  struct stream *who;
  BEGIN_MATCHES(a);
  while (GOES_ON(a)) {
    REFILL_MATCHES(a);
    MATCH(a);
  }
out:
  (void)who;
  END_MATCHES(a);
}

#endif
