#include "CEigenvalues.h"
#include "clones.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

// Eigenvectors of a symmetric tridiagonal matrix by twisted factorisations (Dhillon and Parlett,
// "Orthogonal eigenvectors and relative gaps", 2004), eight at once: the factorisation from above and
// that from below meet where their remainder is least, which is where the vector is largest.

typedef double Doubles8 __attribute__((ext_vector_type(8)));
typedef int64_t Longs8 __attribute__((ext_vector_type(8)));

#define LANES 8

static inline Doubles8 all(double value) {
  return (Doubles8){value, value, value, value, value, value, value, value};
}

/// A pivot that a quotient can be divided by.
static inline Doubles8 pivot(Doubles8 value, Doubles8 least) {
  Doubles8 magnitude = value < 0 ? -value : value;
  return magnitude < least ? -least : value;
}

/// The vectors of eight eigenvalues. `above` and `below` take -b/d of both factorisations.
WSL_CLONES
static void solve_eight(
  const double *diagonal, const double *beside, int64_t order, const double *shiftValues,
  double leastPivot, Doubles8 *above, Doubles8 *below, Doubles8 *rest, float *vectors,
  double *wide, int64_t wanted, double *residuals
) {
  Doubles8 shifts, least = all(leastPivot);
  for (int lane = 0; lane < LANES; lane++) shifts[lane] = shiftValues[lane];
  // `rest` holds the pivots from above, then those of both less the diagonal: the remainder.
  Doubles8 down = pivot(all(diagonal[0]) - shifts, least);
  Doubles8 up = pivot(all(diagonal[order - 1]) - shifts, least);
  rest[0] = down;
  below[order - 1] = up;
  for (int64_t index = 0; index + 1 < order; index++) {
    double b = beside[index];
    above[index] = all(-b) / down;
    down = pivot(all(diagonal[index + 1]) - shifts + all(b) * above[index], least);
    rest[index + 1] = down;
    int64_t other = order - 2 - index;
    double c = beside[other];
    // The quotient belongs to the step up from `other` to `other + 1`.
    Doubles8 quotient = all(-c) / up;
    up = pivot(all(diagonal[other]) - shifts + all(c) * quotient, least);
    below[other + 1] = quotient;
    below[other] = up;
  }
  // The pivot from below of an index is b·quotient and its own diagonal.
  Doubles8 smallest = all(INFINITY), gamma = all(0);
  Longs8 twist = {0};
  for (int64_t index = 0; index < order; index++) {
    Doubles8 remainder = rest[index];
    if (index + 1 < order) remainder += all(beside[index]) * below[index + 1];
    Doubles8 magnitude = remainder < 0 ? -remainder : remainder;
    Longs8 better = magnitude < smallest;
    smallest = better ? magnitude : smallest;
    gamma = better ? remainder : gamma;
    twist = better ? (Longs8){index, index, index, index, index, index, index, index} : twist;
  }
  Doubles8 sum = all(0), value = all(0);
  for (int64_t index = order - 1; index >= 0; index--) {
    Longs8 place = {index, index, index, index, index, index, index, index};
    Doubles8 next = index + 1 < order ? above[index] * value : all(0);
    value = twist == place ? all(1) : next;
    rest[index] = value;
    sum += value * value;
  }
  value = all(0);
  for (int64_t index = 0; index < order; index++) {
    Longs8 place = {index, index, index, index, index, index, index, index};
    Doubles8 next = index > 0 ? below[index] * value : all(0);
    value = twist == place ? all(1) : next;
    Longs8 after = place > twist;
    rest[index] = after ? value : rest[index];
    sum += after ? value * value : all(0);
  }
  for (int lane = 0; lane < wanted; lane++) {
    // Growth beyond the range, or no number at all: no vector.
    bool isVector = sum[lane] >= 1 && sum[lane] < INFINITY;
    double scale = isVector ? 1 / sqrt(sum[lane]) : 0;
    residuals[lane] = isVector ? fabs(gamma[lane]) * scale : INFINITY;
    for (int64_t index = 0; index < order; index++) {
      double element = isVector ? rest[index][lane] * scale : 0;
      if (vectors) vectors[lane * order + index] = (float)element;
      else wide[lane * order + index] = element;
    }
  }
}

int wsl_tridiagonal_vectors(
  const double *diagonal, const double *beside, ptrdiff_t order, const double *values,
  ptrdiff_t count, float *vectors, double *wide, double *residuals
) {
  if (order < 1 || count < 1) return 0;
  double largest = 0;
  for (int64_t index = 0; index < order; index++) {
    largest = fmax(largest, fabs(diagonal[index]));
    if (index + 1 < order) largest = fmax(largest, fabs(beside[index]));
  }
  size_t bytes = (size_t)order * sizeof(Doubles8);
  Doubles8 *work = aligned_alloc(64, 3 * bytes);
  if (!work) return 1;
  for (int64_t first = 0; first < count; first += LANES) {
    double shifts[LANES];
    int64_t wanted = count - first < LANES ? count - first : LANES;
    for (int64_t lane = 0; lane < LANES; lane++) {
      shifts[lane] = values[first + (lane < wanted ? lane : 0)];
    }
    solve_eight(
      diagonal, beside, order, shifts, fmax(largest * 0x1p-400, 0x1p-900), work, work + order,
      work + 2 * order, vectors ? vectors + first * order : NULL,
      wide ? wide + first * order : NULL, wanted, residuals + first);
  }
  free(work);
  return 0;
}
