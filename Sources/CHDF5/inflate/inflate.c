/* Two zlib streams inflated in one loop.
 *
 * Weights hardly compress. As they are, their streams are literals, and decoding literals waits for
 * the table, not for the processor; with their bytes shuffled, most blocks are stored, and the plane
 * of the exponents is short matches, of which each waits for the last. Two independent streams in
 * turns take little longer than one.
 *
 * Nothing of a stream is trusted, and nothing but plain streams is done here: whatever is odd is
 * reported as failed, and the caller has another decoder, which also finds the words for it. */
#include "inflate.h"
#include "loops.h"

#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define CLONES
#endif

/* Begins the next block, or copies a stored one. */
static bool begin_block(struct stream *s) {
  if (!refill(s)) return false;
  s->is_last = take(s, 1) != 0;
  unsigned kind = take(s, 2);
  if (kind == 2) return s->is_in_block = chdf5_read_codes(s);
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

/* Copies a match whose length is known. */
static bool copy_match(struct stream *s, size_t length) {
  if (!refill(s)) return false;
  uint32_t entry = entry_of(s, &s->distance);
  size_t distance;
  if ((entry & LONG) == 0) {
    distance = take_value(s, entry);
  } else {
    int symbol = chdf5_next_symbol(s, &s->distance);
    if (symbol < 0 || symbol >= distances) return false;
    distance = chdf5_distance_base[symbol] + take(s, chdf5_distance_extra[symbol]);
  }
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

static bool put_literals(struct stream *s, uint32_t bytes, size_t count) {
  if ((size_t)(s->out_end - s->out) < count) return false;
  for (; count > 0; count--, bytes >>= 8) *s->out++ = (uint8_t)bytes;
  return true;
}

/* One symbol, whatever it is. */
static bool decode_symbol(struct stream *s) {
  if (!refill(s)) return false;
  uint32_t entry = entry_of(s, &s->literal);
  if ((entry & LITERAL) != 0) {
    take(s, entry & 31);
    return s->has_matches ? put_literals(s, entry >> 22, 1)
                          : put_literals(s, entry >> 8, entry >> 24 & 3);
  }
  if ((entry & LONG) == 0) return copy_match(s, take_value(s, entry));
  int symbol = chdf5_next_symbol(s, &s->literal);
  if (symbol < 0 || symbol >= literals) return false;
  if (symbol < 256) return put_literals(s, (uint32_t)symbol, 1);
  if (symbol > 256)
    return copy_match(s, chdf5_length_base[symbol - 257] + take(s, chdf5_length_extra[symbol - 257]));
  s->is_in_block = false;
  s->is_done = s->is_last;
  return true;
}

/* One symbol, or the head of one block. */
static void step(struct stream *s) {
  s->has_failed = !(s->is_in_block ? decode_symbol(s) : begin_block(s));
}

INLINE bool is_running(const struct stream *s) { return !s->is_done && !s->has_failed; }

INLINE void run_one(struct stream *s) {
  if (has_room(s)) {
    if (s->has_matches) matches_of_one(s);
    else literals_of_one(s);
  }
  step(s);
}

CLONES
static void run(struct stream *a, struct stream *b) {
  while (is_running(a) && is_running(b)) {
    if (!has_room(a)) {
      step(a);
    } else if (!has_room(b)) {
      step(b);
    } else if (a->has_matches != b->has_matches) {
      run_one(a->has_matches ? b : a); /* the other comes to its matches soon */
    } else {
      struct stream *who = a->has_matches ? matches_of_both(a, b) : literals_of_both(a, b);
      if (who != NULL) step(who);
    }
  }
  while (is_running(a)) run_one(a);
  while (is_running(b)) run_one(b);
}

static void begin(struct stream *s, const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count) {
  s->bits = 0;
  s->count = 0;
  s->is_last = s->is_done = s->is_in_block = s->has_matches = false;
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
