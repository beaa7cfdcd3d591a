/* The codes of a block: their lengths, and the tables that decode them. */
#include "inflate.h"

const uint16_t chdf5_length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,
                                        15, 17, 19, 23, 27, 31, 35, 43, 51,  59,
                                        67, 83, 99, 115, 131, 163, 195, 227, 258};
const uint8_t chdf5_length_extra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                        2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
const uint16_t chdf5_distance_base[30] = {
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
const uint8_t chdf5_distance_extra[30] = {0, 0, 0, 0, 1, 1, 2,  2,  3,  3,  4,  4,  5,  5,  6,
                                          6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

enum kind { plain, of_literals, of_matches, of_distances };

static uint32_t reversed(uint32_t code, unsigned length) {
  uint32_t result = 0;
  for (unsigned i = 0; i < length; i++) result |= (code >> i & 1) << (length - 1 - i);
  return result;
}

static uint32_t entry_for(enum kind kind, uint32_t symbol, uint32_t length) {
  uint32_t code = length << 8 | length;
  if (kind == plain) return symbol << 13 | code;
  if (kind == of_distances) {
    uint32_t total = length + chdf5_distance_extra[symbol];
    return (uint32_t)chdf5_distance_base[symbol] << 13 | length << 8 | total;
  }
  if (symbol == 256) return LONG;
  if (symbol > 256) {
    if (kind == of_matches && symbol > 256 + 8) return LONG;
    uint32_t total = length + chdf5_length_extra[symbol - 257];
    return (uint32_t)chdf5_length_base[symbol - 257] << 13 | length << 8 | total;
  }
  if (kind == of_matches) return LITERAL | symbol << 22 | 1u << 13 | code;
  return LITERAL | 1u << 24 | symbol << 8 | length;
}

/* Joins short literals to pairs. From the top: the second entry, at a lower index, is still a single
 * one. */
static void pair_literals(struct code *code) {
  for (uint32_t at = 1u << code->bits; at-- > 1;) {
    uint32_t first = code->table[at];
    if ((first & LITERAL) == 0) continue;
    uint32_t second = code->table[at >> (first & 63)];
    uint32_t length = (first & 63) + (second & 63);
    if ((second & LITERAL) == 0 || (second >> 24 & 3) != 1 || length > code->bits) continue;
    code->table[at] = LITERAL | 2u << 24 | (second >> 8 & 255) << 16 | (first & 0xFF00) | length;
  }
}

static bool build(struct code *code, const uint8_t *lengths, unsigned count, enum kind kind) {
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
  bool is_sparse = (kind == plain || kind == of_distances) && used <= 1;
  if (left > 0 && !is_sparse) return false;
  for (unsigned i = 0; i < count; i++)
    if (lengths[i] != 0) code->symbols[offsets[lengths[i]]++] = (uint16_t)i;
  unsigned limit = kind == of_literals ? table_bits : match_table_bits;
  code->bits = kind == plain || kind == of_literals ? most > limit ? limit : most == 0 ? 1 : most : limit;
  uint32_t size = 1u << code->bits;
  /* What no code reaches is long, and then found to be none. */
  if (is_sparse || most > limit)
    for (uint32_t i = 0; i < size; i++) code->table[i] = LONG;
  uint32_t next = 0;
  unsigned index = 0;
  for (unsigned length = 1; length <= code->bits; length++, next <<= 1)
    for (unsigned i = 0; i < code->count[length]; i++, next++, index++) {
      uint32_t entry = entry_for(kind, code->symbols[index], length);
      for (uint32_t at = reversed(next, length); at < size; at += 1u << length)
        code->table[at] = entry;
    }
  if (kind == of_literals && 2 * least <= code->bits) pair_literals(code);
  return true;
}

int chdf5_next_symbol(struct stream *s, const struct code *code) {
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

/* Whether more than one symbol in 16 is the length of a match, as far as the code tells. */
static bool has_matches(const uint8_t *lengths, unsigned count) {
  uint32_t share = 0;
  for (unsigned i = 257; i < count; i++)
    if (lengths[i] != 0) share += 1u << (longest - lengths[i]);
  return share > 1u << (longest - 4);
}

bool chdf5_read_codes(struct stream *s) {
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
  if (!build(&s->distance, lengths, 19, plain)) return false;
  memset(lengths, 0, sizeof lengths);
  for (unsigned i = 0; i < literal_count + distance_count;) {
    if (!refill(s)) return false;
    uint32_t entry = entry_of(s, &s->distance);
    if ((entry & LONG) != 0) return false; /* these codes are short */
    unsigned symbol = take_value(s, entry);
    if (symbol < 16) {
      lengths[i++] = (uint8_t)symbol;
      continue;
    }
    unsigned repeats = symbol == 16 ? 3 + take(s, 2) : symbol == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
    if ((symbol == 16 && i == 0) || repeats > literal_count + distance_count - i) return false;
    memset(lengths + i, symbol == 16 ? lengths[i - 1] : 0, repeats);
    i += repeats;
  }
  s->has_matches = has_matches(lengths, literal_count);
  return lengths[256] != 0
      && build(&s->literal, lengths, literal_count, s->has_matches ? of_matches : of_literals)
      && build(&s->distance, lengths + literal_count, distance_count, of_distances);
}
