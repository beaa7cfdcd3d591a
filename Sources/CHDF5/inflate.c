/* Two zlib streams inflated in one loop.
 *
 * Weights hardly compress: their streams are literals, and decoding literals waits for the table, not
 * for the processor. Two independent streams in turns take little longer than one. Literals of short
 * codes come two a lookup.
 *
 * Nothing of a stream is trusted, and nothing but plain streams is done here: whatever is odd is
 * reported as failed, and the caller has another decoder, which also finds the words for it. */
#include "CHDF5.h"

#include <string.h>

#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

enum { table_bits = 11, longest = 15, literals = 286, distances = 30 };

/* Entries of the table of literals and lengths: bits to consume in the lowest byte; then
 *   literals: one or two bytes in bits 8 to 23, their number in bits 24 and 25
 *   else:     a symbol in bits 8 to 23, or nothing where the code is longer than the table. */
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
  const uint8_t *in, *in_end;
  uint8_t *out, *out_begin, *out_end;
  struct code literal, distance;
};

static const uint16_t length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                         31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_extra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                         2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t distance_base[30] = {1,   2,   3,   4,   5,   7,    9,    13,   17,   25,
                                           33,  49,  65,  97,  129, 193,  257,  385,  513,  769,
                                           1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
static const uint8_t distance_extra[30] = {0, 0, 0, 0, 1, 1, 2, 2,  3,  3,  4,  4,  5,  5,  6,
                                           6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

/* At least 56 bits. Reads 8 bytes, of which some may lie behind the end. */
#define REFILL(bits, count, in)          \
  do {                                   \
    uint64_t word;                       \
    memcpy(&word, in, 8);                \
    bits |= word << count;               \
    in += (63 - count) >> 3;             \
    count |= 56;                         \
  } while (0)

/* A sound stream ends with four bytes of checksum, so that it never wants bits from farther. */
static bool refill(struct stream *s) {
  if (s->in > s->in_end + 3) return false;
  REFILL(s->bits, s->count, s->in);
  return true;
}

static uint32_t take(struct stream *s, unsigned count) {
  uint32_t value = (uint32_t)(s->bits & ((1u << count) - 1));
  s->bits >>= count;
  s->count -= count;
  return value;
}

static uint32_t reversed(uint32_t code, unsigned length) {
  uint32_t result = 0;
  for (unsigned i = 0; i < length; i++) result |= (code >> i & 1) << (length - 1 - i);
  return result;
}

static bool build(struct code *code, const uint8_t *lengths, unsigned count, bool is_literal) {
  memset(code->count, 0, sizeof code->count);
  for (unsigned i = 0; i < count; i++) code->count[lengths[i]]++;
  unsigned used = count - code->count[0];
  code->count[0] = 0;
  int left = 1;
  unsigned most = 0, least = 0;
  uint16_t offsets[longest + 2] = {0};
  for (unsigned length = 1; length <= longest; length++) {
    left = 2 * left - code->count[length];
    if (left < 0) return false;
    if (code->count[length] != 0) {
      most = length;
      if (least == 0) least = length;
    }
    offsets[length + 1] = (uint16_t)(offsets[length] + code->count[length]);
  }
  /* A block without matches has one distance at most. */
  bool is_sparse = !is_literal && used <= 1;
  if (left > 0 && !is_sparse) return false;
  for (unsigned i = 0; i < count; i++)
    if (lengths[i] != 0) code->symbols[offsets[lengths[i]]++] = (uint16_t)i;
  code->bits = most > table_bits ? table_bits : most == 0 ? 1 : most;
  uint32_t size = 1u << code->bits;
  /* What no code reaches is long, and then found to be none. */
  if (is_sparse || most > table_bits)
    for (uint32_t i = 0; i < size; i++) code->table[i] = LONG;
  uint32_t next = 0;
  unsigned index = 0;
  for (unsigned length = 1; length <= code->bits; length++, next <<= 1)
    for (unsigned i = 0; i < code->count[length]; i++, next++, index++) {
      uint32_t symbol = code->symbols[index];
      uint32_t entry = is_literal && symbol < 256 ? LITERAL | 1u << 24 | symbol << 8 | length
                                                  : symbol << 8 | length;
      for (uint32_t at = reversed(next, length); at < size; at += 1u << length)
        code->table[at] = entry;
    }
  if (!is_literal || 2 * least > code->bits) return true;
  /* From the top: the second entry, at a lower index, is still a single one. */
  for (uint32_t at = size; at-- > 1;) {
    uint32_t first = code->table[at];
    if ((first & LITERAL) == 0) continue;
    uint32_t second = code->table[at >> (first & 63)];
    uint32_t length = (first & 63) + (second & 63);
    if ((second & LITERAL) == 0 || (second >> 24 & 3) != 1 || length > code->bits) continue;
    code->table[at] = LITERAL | 2u << 24 | (second >> 8 & 255) << 16 | (first & 0xFF00) | length;
  }
  return true;
}

/* The next symbol of a code, or -1. At least 15 bits are there. */
static int symbol_of(struct stream *s, const struct code *code) {
  uint32_t entry = code->table[s->bits & ((1u << code->bits) - 1)];
  if ((entry & LONG) == 0) {
    take(s, entry & 63);
    return (int)(entry >> 8 & 0xFFFF);
  }
  uint32_t value = 0, first = 0, index = 0;
  for (unsigned length = 1; length <= longest; length++) {
    value |= (uint32_t)(s->bits >> (length - 1) & 1);
    uint32_t count = code->count[length];
    if (value < first + count) {
      take(s, length);
      return code->symbols[index + (value - first)];
    }
    index += count;
    first = (first + count) << 1;
    value <<= 1;
  }
  return -1;
}

static bool read_codes(struct stream *s) {
  static const uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  uint8_t lengths[literals + distances + 2] = {0};
  if (!refill(s)) return false;
  unsigned literal_count = take(s, 5) + 257, distance_count = take(s, 5) + 1;
  unsigned count = take(s, 4) + 4;
  if (literal_count > literals || distance_count > distances) return false;
  for (unsigned i = 0; i < count; i++) {
    if (s->count < 3 && !refill(s)) return false;
    lengths[order[i]] = (uint8_t)take(s, 3);
  }
  if (!build(&s->distance, lengths, 19, false)) return false;
  memset(lengths, 0, sizeof lengths);
  for (unsigned i = 0; i < literal_count + distance_count;) {
    if (!refill(s)) return false;
    int symbol = symbol_of(s, &s->distance);
    if (symbol < 0) return false;
    if (symbol < 16) {
      lengths[i++] = (uint8_t)symbol;
      continue;
    }
    unsigned repeats = symbol == 16 ? 3 + take(s, 2) : symbol == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
    if ((symbol == 16 && i == 0) || repeats > literal_count + distance_count - i) return false;
    memset(lengths + i, symbol == 16 ? lengths[i - 1] : 0, repeats);
    i += repeats;
  }
  return lengths[256] != 0 && build(&s->literal, lengths, literal_count, true)
      && build(&s->distance, lengths + literal_count, distance_count, false);
}

/* Begins the next block, or copies a stored one. */
static bool begin_block(struct stream *s) {
  if (!refill(s)) return false;
  s->is_last = take(s, 1) != 0;
  unsigned kind = take(s, 2);
  if (kind == 2) return s->is_in_block = read_codes(s);
  /* Fixed codes suit short texts; such blocks are left to the other decoder. */
  if (kind != 0) return false;
  s->in -= s->count >> 3;
  s->bits = 0;
  s->count = 0;
  if (s->in_end - s->in < 8) return false;
  size_t length = s->in[0] | (size_t)s->in[1] << 8;
  if ((s->in[2] | (size_t)s->in[3] << 8) != (length ^ 0xFFFF)) return false;
  s->in += 4;
  if ((size_t)(s->in_end - s->in) < length || (size_t)(s->out_end - s->out) < length) return false;
  memcpy(s->out, s->in, length);
  s->in += length;
  s->out += length;
  s->is_done = s->is_last;
  return true;
}

static bool copy_match(struct stream *s, int symbol) {
  if (symbol > 285) return false;
  size_t length = length_base[symbol - 257] + take(s, length_extra[symbol - 257]);
  if (!refill(s)) return false;
  int code = symbol_of(s, &s->distance);
  if (code < 0 || code >= distances) return false;
  size_t distance = distance_base[code] + take(s, distance_extra[code]);
  if (distance > (size_t)(s->out - s->out_begin) || length > (size_t)(s->out_end - s->out)) return false;
  const uint8_t *from = s->out - distance;
  uint8_t *to = s->out;
  s->out += length;
  if (distance >= length) {
    memcpy(to, from, length);
  } else {
    for (size_t i = 0; i < length; i++) to[i] = from[i];
  }
  return true;
}

/* One symbol, or the head of one block. */
static void step(struct stream *s) {
  s->has_failed = true;
  if (!s->is_in_block) {
    s->has_failed = !begin_block(s);
    return;
  }
  if (!refill(s)) return;
  uint32_t entry = s->literal.table[s->bits & ((1u << s->literal.bits) - 1)];
  if ((entry & LITERAL) != 0) {
    size_t count = entry >> 24 & 3;
    if ((size_t)(s->out_end - s->out) < count) return;
    s->out[0] = (uint8_t)(entry >> 8);
    if (count == 2) s->out[1] = (uint8_t)(entry >> 16);
    s->out += count;
    take(s, entry & 63);
    s->has_failed = false;
    return;
  }
  int symbol = symbol_of(s, &s->literal);
  if (symbol < 0) return;
  if (symbol < 256) {
    if (s->out == s->out_end) return;
    *s->out++ = (uint8_t)symbol;
  } else if (symbol == 256) {
    s->is_in_block = false;
    s->is_done = s->is_last;
  } else if (!copy_match(s, symbol)) {
    return;
  }
  s->has_failed = false;
}

/* Room for a round of the loops below: 8 bytes of input, ten literals and a byte. */
INLINE bool has_room(const struct stream *s) {
  return s->is_in_block && s->in_end - s->in >= 16 && s->out_end - s->out >= 16;
}

#define LOOK(x)                                        \
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

#define BEGIN(x)                                       \
  uint64_t bits_##x = x->bits;                         \
  uint32_t count_##x = x->count;                       \
  const uint8_t *in_##x = x->in;                       \
  uint8_t *out_##x = x->out;                           \
  const uint32_t *table_##x = x->literal.table;        \
  const uint64_t mask_##x = (1u << x->literal.bits) - 1; \
  const uint8_t *const in_stop_##x = x->in_end - 16;   \
  const uint8_t *const out_stop_##x = x->out_end - 16

#define END(x)         \
  x->bits = bits_##x;  \
  x->count = count_##x; \
  x->in = in_##x;      \
  x->out = out_##x

/* Literals of both, until one of them meets something else: that one, or NULL at an end. */
INLINE struct stream *literals_of_both(struct stream *a, struct stream *b) {
  struct stream *who = NULL;
  BEGIN(a);
  BEGIN(b);
  while (in_a <= in_stop_a && in_b <= in_stop_b && out_a <= out_stop_a && out_b <= out_stop_b) {
    REFILL(bits_a, count_a, in_a);
    REFILL(bits_b, count_b, in_b);
    LOOK(a); LOOK(b);
    LOOK(a); LOOK(b);
    LOOK(a); LOOK(b);
    LOOK(a); LOOK(b);
    LOOK(a); LOOK(b);
  }
out:
  END(a);
  END(b);
  return who;
}

/* The same of one. */
INLINE void literals_of_one(struct stream *a) {
  struct stream *who;
  BEGIN(a);
  while (in_a <= in_stop_a && out_a <= out_stop_a) {
    REFILL(bits_a, count_a, in_a);
    LOOK(a); LOOK(a); LOOK(a); LOOK(a); LOOK(a);
  }
out:
  (void)who;
  END(a);
}

CLONES
static void run(struct stream *a, struct stream *b) {
  while (!a->is_done && !b->is_done && !a->has_failed && !b->has_failed) {
    struct stream *who = NULL;
    if (has_room(a) && has_room(b)) {
      who = literals_of_both(a, b);
    }
    if (who != NULL) step(who);
    else if (!has_room(a)) step(a);
    else if (!has_room(b)) step(b);
  }
  for (struct stream *s = a;; s = b) {
    while (!s->is_done && !s->has_failed) {
      if (has_room(s)) literals_of_one(s);
      step(s);
    }
    if (s == b) break;
  }
}

static void begin(struct stream *s, const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count) {
  s->bits = 0;
  s->count = 0;
  s->is_last = s->is_done = s->is_in_block = false;
  /* The head: deflate, no dictionary, a window of 32 KiB at most. */
  s->has_failed = in_count < 14 || (in[0] & 15) != 8 || in[0] >> 4 > 7 || (in[1] & 32) != 0
               || (in[0] * 256 + in[1]) % 31 != 0;
  s->in = in + 2;
  s->in_end = in + in_count;
  s->out = s->out_begin = out;
  s->out_end = out + out_count;
}

bool chdf5_inflate_pair(struct chdf5_zlib_block block[2]) {
  struct stream *streams = block[0].workspace;
  for (int i = 0; i < 2; i++)
    begin(&streams[i], block[i].in, block[i].in_count, block[i].out, block[i].out_count);
  run(&streams[0], &streams[1]);
  for (int i = 0; i < 2; i++) {
    struct stream *s = &streams[i];
    const uint8_t *end = s->in - (s->count >> 3);
    block[i].is_done = !s->has_failed && s->out == s->out_end && s->in_end - end >= 4;
    if (block[i].is_done)
      block[i].checksum =
          (uint32_t)end[0] << 24 | (uint32_t)end[1] << 16 | (uint32_t)end[2] << 8 | end[3];
  }
  return block[0].is_done && block[1].is_done;
}

size_t chdf5_inflate_workspace(void) { return 2 * sizeof(struct stream); }
