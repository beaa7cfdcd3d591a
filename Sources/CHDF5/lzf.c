#include "CHDF5.h"

#include <string.h>

/* Marc Lehmann's LZF. A control byte below 32 begins a run of literals; otherwise its upper three
 * bits are a length (7: one byte more) and the rest of it begins a distance. */

size_t chdf5_lzf_decompress(const uint8_t *from, size_t from_count, uint8_t *to, size_t to_count) {
  size_t at = 0, done = 0;
  while (at < from_count) {
    size_t control = from[at++];
    if (control < 32) {
      size_t length = control + 1;
      if (length > from_count - at || length > to_count - done) return 0;
      memcpy(to + done, from + at, length);
      at += length;
      done += length;
      continue;
    }
    size_t length = control >> 5;
    if (length == 7) {
      if (at == from_count) return 0;
      length += from[at++];
    }
    if (at == from_count) return 0;
    size_t distance = ((control & 31) << 8 | from[at++]) + 1;
    length += 2;
    if (distance > done || length > to_count - done) return 0;
    for (size_t i = 0; i < length; i++) to[done + i] = to[done + i - distance];
    done += length;
  }
  return done;
}

/* Appends literals in runs of 32; false where they do not fit. */
static bool put_literals(const uint8_t *from, size_t count, uint8_t *to, size_t *done, size_t room) {
  while (count > 0) {
    size_t run = count < 32 ? count : 32;
    if (room - *done < run + 1) return false;
    to[(*done)++] = (uint8_t)(run - 1);
    memcpy(to + *done, from, run);
    *done += run;
    from += run;
    count -= run;
  }
  return true;
}

size_t chdf5_lzf_compress(const uint8_t *from, size_t from_count, uint8_t *to, size_t to_count) {
  enum { hash_bits = 14 };
  uint32_t places[1 << hash_bits] = {0}; /* plus one */
  size_t done = 0, literal = 0, at = 0;
  if (from_count > UINT32_MAX - 1) return 0;
  while (at + 3 <= from_count) {
    uint32_t word = (uint32_t)from[at] << 16 | (uint32_t)from[at + 1] << 8 | from[at + 2];
    uint32_t hash = (word * 2654435761u) >> (32 - hash_bits);
    size_t place = places[hash];
    places[hash] = (uint32_t)at + 1;
    if (place == 0 || at - (place - 1) > 8192 || memcmp(from + place - 1, from + at, 3) != 0) {
      at++;
      continue;
    }
    size_t distance = at - (place - 1) - 1, length = 3;
    while (length < 264 && at + length < from_count && from[place - 1 + length] == from[at + length])
      length++;
    if (!put_literals(from + literal, at - literal, to, &done, to_count) || to_count - done < 3)
      return 0;
    size_t code = length - 2;
    to[done++] = (uint8_t)((code < 7 ? code : 7) << 5 | distance >> 8);
    if (code >= 7) to[done++] = (uint8_t)(code - 7);
    to[done++] = (uint8_t)distance;
    at += length;
    literal = at;
  }
  if (!put_literals(from + literal, from_count - literal, to, &done, to_count)) return 0;
  return done;
}
