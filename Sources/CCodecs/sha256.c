#include "CCodecs.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

// The fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
static const uint32_t constants[64] __attribute__((aligned(16))) = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

int32_t wsl_sha256_is_fast(void) {
  uint32_t a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  return (b >> 29 & 1) && __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3");
}

// The instructions wait for each other within a stream, and not between two.
__attribute__((target("sha,sse4.1,ssse3"), always_inline)) static inline void hash_lanes(
  uint32_t *const *states, const uint8_t *const *streams, int64_t blocks, int lanes) {
  const __m128i swapped = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
  __m128i even[2], odd[2];
  for (int lane = 0; lane < lanes; lane++) {
    __m128i low = _mm_loadu_si128((const __m128i *)states[lane]);
    __m128i high = _mm_loadu_si128((const __m128i *)(states[lane] + 4));
    low = _mm_shuffle_epi32(low, 0xB1);
    high = _mm_shuffle_epi32(high, 0x1B);
    even[lane] = _mm_alignr_epi8(low, high, 8);
    odd[lane] = _mm_blend_epi16(high, low, 0xF0);
  }
  for (int64_t block = 0; block < blocks; block++) {
    __m128i oldEven[2], oldOdd[2], words[2][4];
    for (int lane = 0; lane < lanes; lane++) {
      oldEven[lane] = even[lane];
      oldOdd[lane] = odd[lane];
      for (int part = 0; part < 4; part++) {
        const uint8_t *from = streams[lane] + 64 * block + 16 * part;
        words[lane][part] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)from), swapped);
      }
    }
#pragma clang loop unroll(full)
    for (int round = 0; round < 16; round++) {
      __m128i constant = _mm_load_si128((const __m128i *)(constants + 4 * round));
#pragma clang loop unroll(full)
      for (int lane = 0; lane < lanes; lane++) {
        __m128i *word = words[lane];
        __m128i sum = _mm_add_epi32(word[round & 3], constant);
        odd[lane] = _mm_sha256rnds2_epu32(odd[lane], even[lane], sum);
        even[lane] = _mm_sha256rnds2_epu32(even[lane], odd[lane], _mm_shuffle_epi32(sum, 0x0E));
        if (round < 12) {
          __m128i next = _mm_sha256msg1_epu32(word[round & 3], word[(round + 1) & 3]);
          __m128i across = _mm_alignr_epi8(word[(round + 3) & 3], word[(round + 2) & 3], 4);
          word[round & 3] =
            _mm_sha256msg2_epu32(_mm_add_epi32(next, across), word[(round + 3) & 3]);
        }
      }
    }
    for (int lane = 0; lane < lanes; lane++) {
      even[lane] = _mm_add_epi32(even[lane], oldEven[lane]);
      odd[lane] = _mm_add_epi32(odd[lane], oldOdd[lane]);
    }
  }
  for (int lane = 0; lane < lanes; lane++) {
    __m128i low = _mm_shuffle_epi32(even[lane], 0x1B);
    __m128i high = _mm_shuffle_epi32(odd[lane], 0xB1);
    _mm_storeu_si128((__m128i *)states[lane], _mm_blend_epi16(low, high, 0xF0));
    _mm_storeu_si128((__m128i *)(states[lane] + 4), _mm_alignr_epi8(high, low, 8));
  }
}

__attribute__((target("sha,sse4.1,ssse3"))) void wsl_sha256_one(
  uint32_t *state, const uint8_t *bytes, int64_t blocks) {
  hash_lanes(&state, &bytes, blocks, 1);
}

__attribute__((target("sha,sse4.1,ssse3"))) void wsl_sha256_two(
  uint32_t *first, const uint8_t *firstBytes, uint32_t *second, const uint8_t *secondBytes,
  int64_t blocks) {
  uint32_t *states[2] = {first, second};
  const uint8_t *streams[2] = {firstBytes, secondBytes};
  hash_lanes(states, streams, blocks, 2);
}

#else

int32_t wsl_sha256_is_fast(void) { return 0; }
void wsl_sha256_one(uint32_t *state, const uint8_t *bytes, int64_t blocks) {}
void wsl_sha256_two(
  uint32_t *first, const uint8_t *firstBytes, uint32_t *second, const uint8_t *secondBytes,
  int64_t blocks) {}

#endif
