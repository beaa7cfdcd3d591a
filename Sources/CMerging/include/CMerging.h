/// Inner loops of merging: blocks of elements as Float64, and back.
///
/// Every loop works element by element in the order given, or sums in eight lanes that are added in
/// a fixed order, so that results are the same on every processor.
#ifndef WSL_CMERGING_H
#define WSL_CMERGING_H

#include <stdint.h>

/// `sums += factor * values`.
void wsl_add_scaled(double *sums, const double *values, double factor, int64_t count);

/// `sums += factor * (values - origin)`.
void wsl_add_scaled_difference(
  double *sums, const double *values, const double *origin, double factor, int64_t count);

/// `values -= origin`. Returns 0 where all differences are finite.
uint32_t wsl_subtract(double *values, const double *origin, int64_t count);

/// `sums = origin + factor * sums`.
void wsl_scale_and_add(double *sums, const double *origin, double factor, int64_t count);

/// Which magnitudes stay: those from `lowest` to `largest`; of those equal to a bound, which have
/// places in their tensor, the ones from the first to before the last place beside it.
typedef struct {
  double lowest, largest;
  int64_t lowestFrom, lowestTo, largestFrom, largestTo;
} WSLMagnitudes;

/// Clears values whose magnitude does not stay. `first` is the place of the first value.
///
/// Returns how many values other than zero stay.
int64_t wsl_keep_magnitudes(double *values, WSLMagnitudes kept, int64_t first, int64_t count);

/// Multiplies values by `factor`, or clears them, by chance: the value at place `first + i` of its
/// tensor is cleared where the word that a bijective mixing makes of `key` and the place is below
/// `threshold`. Which ones are does not depend on how the tensor is divided.
void wsl_drop_by_chance(
  double *values, uint64_t key, int64_t first, uint64_t threshold, double factor, int64_t count);

/// Adds what agrees in sign with `totals` to `sums`, and `weight` to `shares` there. Where a total is
/// zero, `zeroSign` (1 or -1) stands for its sign. Values are weighted already; zeros never agree.
void wsl_add_agreeing(
  double *sums, double *shares, const double *values, const double *totals, double zeroSign,
  double weight, int64_t count);

/// `sums /= shares` where the share is not zero.
void wsl_divide_by_shares(double *sums, const double *shares, int64_t count);

/// Counts one where `|values| > threshold * |totals - values|`.
void wsl_count_localized(
  double *counts, const double *values, const double *totals, double threshold, int64_t count);

/// Clears values whose count is below `least`.
void wsl_keep_counted(double *values, const double *counts, double least, int64_t count);

/// `Σ a * b`.
double wsl_dot(const double *a, const double *b, int64_t count);

/// `Σ |a|`.
double wsl_sum_magnitudes(const double *a, int64_t count);

/// `Σ (a - b)²`.
double wsl_squared_distance(const double *a, const double *b, int64_t count);

/// `Σ sign(a)`.
int64_t wsl_sum_signs(const double *a, int64_t count);

/// The values' bit patterns without signs, shifted down: counted into bins, of which there must be
/// as many as patterns.
void wsl_count_magnitudes(const double *values, int64_t count, int32_t shift, uint64_t *bins);

#endif
