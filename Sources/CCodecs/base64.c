#include "CCodecs.h"
#include "clones.h"

enum { block = 4096 };

WSL_CLONES
static void letters_of(uint8_t *restrict places, int64_t count) {
  for (int64_t at = 0; at < count; at++) {
    uint8_t place = places[at];
    uint8_t shift = place < 26 ? 'A' : place < 52 ? 'a' - 26 : (uint8_t)('0' - 52);
    shift = place == 62 ? '+' - 62 : shift;
    shift = place == 63 ? (uint8_t)('/' - 63) : shift;
    places[at] = (uint8_t)(place + shift);
  }
}

WSL_CLONES
static void split_triples(const uint8_t *restrict bytes, int64_t triples, uint8_t *restrict places) {
  for (int64_t at = 0; at < triples; at++) {
    uint8_t first = bytes[3 * at], second = bytes[3 * at + 1], third = bytes[3 * at + 2];
    places[4 * at] = first >> 2;
    places[4 * at + 1] = (uint8_t)((first << 4 | second >> 4) & 63);
    places[4 * at + 2] = (uint8_t)((second << 2 | third >> 6) & 63);
    places[4 * at + 3] = third & 63;
  }
}

int64_t wsl_base64_encode(const uint8_t *bytes, int64_t count, uint8_t *text) {
  int64_t written = 0;
  for (int64_t done = 0; done + 3 <= count; done += 3 * block) {
    int64_t triples = (count - done) / 3 < block ? (count - done) / 3 : block;
    split_triples(bytes + done, triples, text + written);
    letters_of(text + written, 4 * triples);
    written += 4 * triples;
  }
  int64_t rest = count % 3;
  if (rest == 0) return written;
  uint8_t last[3] = {0}, places[4];
  for (int64_t at = 0; at < rest; at++) last[at] = bytes[count - rest + at];
  split_triples(last, 1, places);
  letters_of(places, 4);
  for (int64_t at = 0; at < 4; at++) text[written + at] = at <= rest ? places[at] : '=';
  return written + 4;
}

// 255 stands for what is no letter.
WSL_CLONES
static uint8_t places_of(const uint8_t *restrict text, int64_t count, uint8_t *restrict places) {
  uint8_t all = 0;
  for (int64_t at = 0; at < count; at++) {
    uint8_t letter = text[at];
    uint8_t place = 255;
    place = (uint8_t)(letter - 'A') < 26 ? (uint8_t)(letter - 'A') : place;
    place = (uint8_t)(letter - 'a') < 26 ? (uint8_t)(letter - 'a' + 26) : place;
    place = (uint8_t)(letter - '0') < 10 ? (uint8_t)(letter - '0' + 52) : place;
    place = letter == '+' ? 62 : place;
    place = letter == '/' ? 63 : place;
    places[at] = place;
    all |= place;
  }
  return all;
}

WSL_CLONES
static void join_triples(const uint8_t *restrict places, int64_t triples, uint8_t *restrict bytes) {
  for (int64_t at = 0; at < triples; at++) {
    uint8_t first = places[4 * at], second = places[4 * at + 1], third = places[4 * at + 2];
    bytes[3 * at] = (uint8_t)(first << 2 | second >> 4);
    bytes[3 * at + 1] = (uint8_t)(second << 4 | third >> 2);
    bytes[3 * at + 2] = (uint8_t)(third << 6 | places[4 * at + 3]);
  }
}

int64_t wsl_base64_decode(const uint8_t *text, int64_t count, uint8_t *bytes) {
  uint8_t places[4 * block];
  int64_t written = 0;
  if (count % 4 != 0) return -1;
  int64_t padding = 0;
  while (padding < 2 && padding < count && text[count - 1 - padding] == '=') padding++;
  int64_t whole = padding > 0 ? count - 4 : count;
  for (int64_t done = 0; done < whole; done += 4 * block) {
    int64_t size = whole - done < 4 * block ? whole - done : 4 * block;
    if (places_of(text + done, size, places) > 63) return -1;
    join_triples(places, size / 4, bytes + written);
    written += size / 4 * 3;
  }
  if (padding == 0) return written;
  uint8_t last[3], letters[4] = {'A', 'A', 'A', 'A'};
  for (int64_t at = 0; at < 4 - padding; at++) letters[at] = text[whole + at];
  if (places_of(letters, 4, places) > 63) return -1;
  join_triples(places, 1, last);
  for (int64_t at = 0; at < 3 - padding; at++) bytes[written + at] = last[at];
  return written + 3 - padding;
}

int64_t wsl_base64_span(const uint8_t *text, int64_t count) {
  uint8_t places[block];
  int64_t done = 0;
  while (done < count) {
    int64_t size = count - done < block ? count - done : block;
    if (places_of(text + done, size, places) > 63) break;
    done += size;
  }
  while (done < count && places_of(text + done, 1, places) <= 63) done++;
  for (int64_t padding = 0; padding < 2 && done < count && text[done] == '='; padding++) done++;
  return done;
}
