#include "CKernels.h"
#include "clones.h"

#include <stddef.h>

// The number of sources is a constant in each call, so that the inner loops are unrolled.
#define COMBINE(COUNT)                                                                            \
  for (int64_t o = 0; o < channels.outer; o++) {                                                  \
    for (int64_t b = 0; b < channels.blocks; b++) {                                               \
      int64_t first = b * block;                                                                  \
      if (block == 1) {                                                                           \
        float constant = constants[b], factor[COUNT];                                             \
        for (int k = 0; k < COUNT; k++) factor[k] = factors[k][b];                                \
        for (int64_t i = 0; i < inner; i++) {                                                     \
          float value = constant;                                                                 \
          for (int k = 0; k < COUNT; k++) value += factor[k] * source[k][at + i];                 \
          target[at + i] = value;                                                                 \
        }                                                                                         \
      } else {                                                                                    \
        for (int64_t i = 0; i < inner; i++) {                                                     \
          int64_t row = at + i * block;                                                           \
          for (int64_t c = 0; c < block; c++) {                                                   \
            float value = constants[first + c];                                                   \
            for (int k = 0; k < COUNT; k++) value += factors[k][first + c] * source[k][row + c];  \
            target[row + c] = value;                                                              \
          }                                                                                       \
        }                                                                                         \
      }                                                                                           \
      at += inner * block;                                                                        \
    }                                                                                             \
  }

WSL_CLONES
void wsl_combine_channels(
  WSLChannels channels, int32_t count, const float *const *sources, const float *const *factors,
  const float *constants, float *restrict target) {
  const float *source[4] = {NULL, NULL, NULL, NULL};
  for (int32_t k = 0; k < count && k < 4; k++) source[k] = sources[k];
  int64_t inner = channels.inner, block = channels.block, at = 0;
  switch (count) {
    case 1: COMBINE(1) break;
    case 2: COMBINE(2) break;
    case 3: COMBINE(3) break;
    default: COMBINE(4) break;
  }
}

WSL_CLONES
void wsl_sum_channels(
  WSLChannels channels, const float *a, const float *b, const double *centers, double *sums) {
  int64_t inner = channels.inner, block = channels.block, at = 0;
  for (int64_t o = 0; o < channels.outer; o++) {
    for (int64_t k = 0; k < channels.blocks; k++) {
      int64_t first = k * block;
      if (block == 1) {
        // Eight partial sums, in an order that does not depend on the instruction set.
        double parts[8] = {0, 0, 0, 0, 0, 0, 0, 0};
        double center = b ? centers[k] : 0;
        for (int64_t i = 0; i < inner; i++) {
          double factor = b ? (double)b[at + i] - center : 1;
          parts[i & 7] += a[at + i] * factor;
        }
        sums[k] += ((parts[0] + parts[1]) + (parts[2] + parts[3]))
          + ((parts[4] + parts[5]) + (parts[6] + parts[7]));
      } else {
        for (int64_t i = 0; i < inner; i++) {
          int64_t row = at + i * block;
          if (b) {
            for (int64_t c = 0; c < block; c++) {
              sums[first + c] += (double)a[row + c] * ((double)b[row + c] - centers[first + c]);
            }
          } else {
            for (int64_t c = 0; c < block; c++) sums[first + c] += a[row + c];
          }
        }
      }
      at += inner * block;
    }
  }
}

WSL_CLONES
double wsl_sum_squares(const double *values, int64_t count) {
  // As below: no fused products, so that every processor finds the same.
#pragma STDC FP_CONTRACT OFF
  double parts[8] = {0};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (int64_t k = 0; k < 8; k++) parts[k] += values[i + k] * values[i + k];
  }
  for (; i < count; i++) parts[i & 7] += values[i] * values[i];
  return ((parts[0] + parts[1]) + (parts[2] + parts[3]))
    + ((parts[4] + parts[5]) + (parts[6] + parts[7]));
}

WSL_CLONES
void wsl_scale_to_floats(
  const double *restrict source, double scale, float *restrict target, int64_t count) {
  for (int64_t i = 0; i < count; i++) target[i] = (float)(scale * source[i]);
}

WSL_CLONES
void wsl_scale_floats(
  const float *restrict source, double factor, double *restrict target, int64_t count) {
  for (int64_t i = 0; i < count; i++) target[i] = factor * (double)source[i];
}

WSL_CLONES
void wsl_add_scaled_floats(
  const float *restrict source, double factor, double *restrict target, int64_t count) {
  // Product and sum are rounded one after the other, so that every processor finds the same.
#pragma STDC FP_CONTRACT OFF
  for (int64_t i = 0; i < count; i++) target[i] += factor * (double)source[i];
}

WSL_CLONES
void wsl_add_to(const float *restrict source, float *restrict target, int64_t count) {
  for (int64_t i = 0; i < count; i++) target[i] += source[i];
}

WSL_CLONES
void wsl_gate(
  const float *restrict mark, const float *restrict source, float slope, float *restrict target,
  int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    target[i] = mark[i] > 0 ? source[i] : slope * source[i];
  }
}
