#include "CMerging.h"
#include "clones.h"
#include "elements.h"

#include <string.h>

WSL_CLONES
void wsl_add_scaled(
    double *restrict sums, const double *restrict values, double factor, int64_t count) {
  for (int64_t at = 0; at < count; at++) sums[at] += factor * values[at];
}

WSL_CLONES
void wsl_add_scaled_difference(
    double *restrict sums, const double *restrict values, const double *restrict origin,
    double factor, int64_t count) {
  for (int64_t at = 0; at < count; at++) sums[at] += factor * (values[at] - origin[at]);
}

WSL_CLONES
uint32_t wsl_subtract(double *restrict values, const double *restrict origin, int64_t count) {
  uint64_t broken = 0;
  for (int64_t at = 0; at < count; at++) {
    double difference = values[at] - origin[at];
    values[at] = difference;
    broken |= !(magnitude(difference) <= 0x1.fffffffffffffp1023);
  }
  return broken != 0;
}

WSL_CLONES
void wsl_scale_and_add(
    double *restrict sums, const double *restrict origin, double factor, int64_t count) {
  for (int64_t at = 0; at < count; at++) sums[at] = origin[at] + factor * sums[at];
}

// Where equal magnitudes stay together.
WSL_CLONES
static int64_t keep_together(double *values, double lowest, double largest, int64_t count) {
  int64_t staying = 0;
  for (int64_t at = 0; at < count; at++) {
    double size = magnitude(values[at]);
    int64_t stays = (size >= lowest) & (size <= largest);
    values[at] = stays ? values[at] : 0;
    staying += stays & (size > 0);
  }
  return staying;
}

WSL_CLONES
int64_t wsl_keep_magnitudes(double *values, WSLMagnitudes kept, int64_t first, int64_t count) {
  if (kept.lowestFrom <= first && kept.lowestTo >= first + count && kept.largestFrom <= first
      && kept.largestTo >= first + count)
    return keep_together(values, kept.lowest, kept.largest, count);
  int64_t staying = 0;
  for (int64_t at = 0; at < count; at++) {
    double size = magnitude(values[at]);
    int64_t place = first + at;
    int stays = (size >= kept.lowest) & (size <= kept.largest);
    stays &= (size != kept.lowest) | ((place >= kept.lowestFrom) & (place < kept.lowestTo));
    stays &= (size != kept.largest) | ((place >= kept.largestFrom) & (place < kept.largestTo));
    values[at] = stays ? values[at] : 0;
    staying += stays & (size != 0);
  }
  return staying;
}

WSL_CLONES
void wsl_drop_by_chance(
    double *values, uint64_t key, int64_t first, uint64_t threshold, double factor,
    int64_t count) {
  for (int64_t at = 0; at < count; at++) {
    uint64_t word = key + (uint64_t)(first + at + 1) * 0x9E3779B97F4A7C15u;
    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9u;
    word = (word ^ word >> 27) * 0x94D049BB133111EBu;
    word ^= word >> 31;
    values[at] = word < threshold ? 0 : factor * values[at];
  }
}

WSL_CLONES
void wsl_add_agreeing(
    double *restrict sums, double *restrict shares, const double *restrict values,
    const double *restrict totals, double zeroSign, double weight, int64_t count) {
  for (int64_t at = 0; at < count; at++) {
    double sign = totals[at] == 0 ? zeroSign : totals[at];
    int agrees = sign > 0 ? values[at] > 0 : values[at] < 0;
    sums[at] += agrees ? values[at] : 0;
    shares[at] += agrees ? weight : 0;
  }
}

WSL_CLONES
void wsl_divide_by_shares(double *restrict sums, const double *restrict shares, int64_t count) {
  for (int64_t at = 0; at < count; at++) sums[at] /= shares[at] == 0 ? 1 : shares[at];
}

WSL_CLONES
void wsl_count_localized(
    double *restrict counts, const double *restrict values, const double *restrict totals,
    double threshold, int64_t count) {
  for (int64_t at = 0; at < count; at++) {
    counts[at] += magnitude(values[at]) > threshold * magnitude(totals[at] - values[at]) ? 1 : 0;
  }
}

WSL_CLONES
void wsl_keep_counted(
    double *restrict values, const double *restrict counts, double least, int64_t count) {
  for (int64_t at = 0; at < count; at++) values[at] = counts[at] >= least ? values[at] : 0;
}

WSL_CLONES
double wsl_dot(const double *a, const double *b, int64_t count) {
  double lanes[8] = {0};
  int64_t at = 0;
  for (; at + 8 <= count; at += 8) {
    for (int lane = 0; lane < 8; lane++) lanes[lane] += a[at + lane] * b[at + lane];
  }
  for (; at < count; at++) lanes[at & 7] += a[at] * b[at];
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
    + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

WSL_CLONES
double wsl_sum_magnitudes(const double *a, int64_t count) {
  double lanes[8] = {0};
  int64_t at = 0;
  for (; at + 8 <= count; at += 8) {
    for (int lane = 0; lane < 8; lane++) lanes[lane] += magnitude(a[at + lane]);
  }
  for (; at < count; at++) lanes[at & 7] += magnitude(a[at]);
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
    + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

WSL_CLONES
double wsl_squared_distance(const double *a, const double *b, int64_t count) {
  double lanes[8] = {0};
  int64_t at = 0;
  for (; at + 8 <= count; at += 8) {
    for (int lane = 0; lane < 8; lane++) {
      double difference = a[at + lane] - b[at + lane];
      lanes[lane] += difference * difference;
    }
  }
  for (; at < count; at++) lanes[at & 7] += (a[at] - b[at]) * (a[at] - b[at]);
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
    + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

WSL_CLONES
int64_t wsl_sum_signs(const double *a, int64_t count) {
  int64_t sum = 0;
  for (int64_t at = 0; at < count; at++) sum += (a[at] > 0) - (a[at] < 0);
  return sum;
}

void wsl_count_magnitudes(const double *values, int64_t count, int32_t shift, uint64_t *bins) {
  for (int64_t at = 0; at < count; at++) {
    bins[(pattern_of(values[at]) & 0x7FFFFFFFFFFFFFFFu) >> shift]++;
  }
}
