/// SHA-256 (FIPS 180-4) of two streams side by side, with the processor's instructions for it: one
/// stream waits for its own results half of the time, and two take 1.1 of the time of one.
#ifndef WSL_SHA256_H
#define WSL_SHA256_H

#include <stdint.h>

/// Whether this processor has the instructions; without them the others may not be called.
int32_t wsl_sha256_is_fast(void);

/// Takes blocks of 64 bytes into the eight words of a state.
void wsl_sha256_one(uint32_t *state, const uint8_t *bytes, int64_t blocks);

/// The same for two streams of as many blocks each.
void wsl_sha256_two(
  uint32_t *first, const uint8_t *firstBytes, uint32_t *second, const uint8_t *secondBytes,
  int64_t blocks);

#endif
