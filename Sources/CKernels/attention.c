#include "CKernels.h"
#include "clones.h"

#include <math.h>
#include <string.h>

// Every product and every sum is rounded on its own, and sums run in sixteen lanes: results are the
// same for every instruction set.
#pragma STDC FP_CONTRACT OFF

#define LANES 16

// e to the power of x for x of 0 and less, to 2 units in the last place; below -87 it is 0. By x = n·log 2 + r and
// a polynomial of degree 6 on |r| <= log(2)/2 (Cephes). NaN stays NaN.
static inline float exponential(float x) {
  const float magic = 12582912.0f;  // 1.5 · 2^23: the lowest bits of the sum are the nearest integer
  float shifted = x * 1.44269504088896341f + magic;
  float n = shifted - magic;
  float r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits - 0x4B400000u + 127u) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return x < -87.0f ? 0.0f : p * power;
}

WSL_CLONES
void wsl_attention_row(float *products, int64_t count, WSLAttentionRow row) {
  float *values = products + row.first;
  int64_t length = row.last - row.first;
  for (int64_t at = 0; at < row.first; at++) products[at] = 0;
  for (int64_t at = row.last; at < count; at++) products[at] = 0;
  if (length <= 0) {
    for (int64_t at = 0; at < count; at++) products[at] = NAN;
    return;
  }
  if (row.cap != 0) {
    for (int64_t at = 0; at < length; at++)
      values[at] = row.cap * tanhf(values[at] * row.scale / row.cap);
  } else {
    for (int64_t at = 0; at < length; at++) values[at] *= row.scale;
  }
  if (row.bias) {
    const float *bias = row.bias + row.first;
    for (int64_t at = 0; at < length; at++) values[at] += bias[at];
  }
  if (row.mask) {
    const float *mask = row.mask + row.first;
    for (int64_t at = 0; at < length; at++) values[at] += mask[at];
  }
  // The largest. Comparisons with NaN are false: it comes back in the sum.
  float lane[LANES], top = values[0];
  int64_t whole = length - length % LANES;
  for (int k = 0; k < LANES; k++) lane[k] = values[0];
  for (int64_t at = 0; at < whole; at += LANES)
    for (int k = 0; k < LANES; k++)
      lane[k] = values[at + k] > lane[k] ? values[at + k] : lane[k];
  for (int64_t at = whole; at < length; at++) top = values[at] > top ? values[at] : top;
  for (int k = 0; k < LANES; k++) top = lane[k] > top ? lane[k] : top;
  for (int k = 0; k < LANES; k++) lane[k] = 0;
  for (int64_t at = 0; at < whole; at += LANES)
    for (int k = 0; k < LANES; k++) {
      float value = exponential(values[at + k] - top);
      values[at + k] = value;
      lane[k] += value;
    }
  float sum = 0;
  for (int64_t at = whole; at < length; at++) {
    values[at] = exponential(values[at] - top);
    sum += values[at];
  }
  for (int k = 0; k < LANES; k++) sum += lane[k];
  float share = 1 / sum;
  for (int64_t at = 0; at < length; at++) values[at] *= share;
}

WSL_CLONES
void wsl_attention_row_gradient(
  const float *weights, float *gradient, const float *products, float *biasGradient, int64_t count,
  WSLAttentionRow row) {
  float lane[LANES], sum = 0;
  for (int k = 0; k < LANES; k++) lane[k] = 0;
  int64_t whole = count - count % LANES;
  for (int64_t at = 0; at < whole; at += LANES)
    for (int k = 0; k < LANES; k++) lane[k] += weights[at + k] * gradient[at + k];
  for (int64_t at = whole; at < count; at++) sum += weights[at] * gradient[at];
  for (int k = 0; k < LANES; k++) sum += lane[k];
  for (int64_t at = 0; at < count; at++) gradient[at] = weights[at] * (gradient[at] - sum);
  if (biasGradient) memcpy(biasGradient, gradient, (size_t)count * sizeof(float));
  if (row.cap != 0) {
    for (int64_t at = row.first; at < row.last; at++) {
      float slope = tanhf(products[at] * row.scale / row.cap);
      gradient[at] *= 1 - slope * slope;
    }
  }
}
