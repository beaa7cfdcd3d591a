#include "CEigenvalues.h"
#include "clones.h"

#include <math.h>

// The root-free QL iteration (Reinsch, Algorithm 464, 1973; Pal, Walker and Kahan's form of it, as in
// LAPACK's sterf). A sweep is one chain of divisions, so 8 sweeps run at once, each two elements behind
// the one before it: what a sweep puts out is what the next one takes in.

#pragma clang fp contract(fast)

typedef double Doubles8 __attribute__((ext_vector_type(8)));

#define SWEEPS 8
/// Blocks this short are left to one sweep at a time.
#define SHORT 20
/// How many rounds of sweeps may split nothing off.
#define PATIENCE 12

static const double roundingSquared = 0x1p-104;

/// Whether the off-diagonal element after `index` is rounding beside its neighbours.
static inline int is_split(const double *diagonal, const double *squares, int64_t index) {
  return squares[index] <= roundingSquared * fabs(diagonal[index] * diagonal[index + 1]);
}

/// The order of the first block that splits off.
static int64_t block_length(const double *diagonal, double *squares, int64_t count) {
  for (int64_t index = 0; index + 1 < count; index++) {
    if (is_split(diagonal, squares, index)) {
      squares[index] = 0;
      return index + 1;
    }
  }
  return count;
}

/// The eigenvalues of [a b; b c], in place of a and c, as LAPACK's lae2.
static void solve_pair(double *a, double *c, double square) {
  double half = 0.5 * (*a - *c), mean = 0.5 * (*a + *c);
  double far = mean + copysign(sqrt(half * half + square), mean);
  double near = far != 0 ? *a / far * *c - square / far : 0;
  *a = far;
  *c = near;
}

/// One sweep after the other, each with the shift of its 2x2 corner. Returns 0 when done.
static int solve_in_turn(double *diagonal, double *squares, int64_t count) {
  int64_t left = 40 * count + 40;
  while (count > 0) {
    int64_t length = block_length(diagonal, squares, count);
    if (length == 2) solve_pair(diagonal, diagonal + 1, squares[0]);
    if (length <= 2) {
      diagonal += length, squares += length, count -= length;
      continue;
    }
    if (left-- == 0) return 1;
    double root = sqrt(squares[0]);
    double slope = (diagonal[1] - diagonal[0]) / (2 * root);
    double shift = diagonal[0] - root / (slope + copysign(sqrt(slope * slope + 1), slope));
    double c = 1, s = 0, gamma = diagonal[length - 1] - shift, p = gamma * gamma;
    for (int64_t index = length - 2; index >= 0; index--) {
      double square = squares[index], r = p + square;
      if (index != length - 2) squares[index + 1] = s * r;
      double before = c, old = gamma, alpha = diagonal[index];
      if (r == 0) {
        c = 1, s = 0;
      } else {
        c = p / r, s = square / r;
      }
      gamma = c * (alpha - shift) - s * old;
      diagonal[index + 1] = old + (alpha - gamma);
      p = c != 0 ? gamma * gamma / c : before * square;
    }
    squares[0] = s * p;
    diagonal[0] = shift + gamma;
  }
  return 0;
}

/// A sweep for each shift over one block, whose last square is 0; the first of it converge.
WSL_CLONES
static void sweep(
  double *diagonal, double *squares, int64_t count, const double *shiftValues, double least
) {
  Doubles8 shifts = *(const Doubles8 *)shiftValues;
  Doubles8 gamma = {0}, s = {0}, p = {1, 1, 1, 1, 1, 1, 1, 1}, alphas = {0}, betas = {0};
  const Doubles8 floor = {least, least, least, least, least, least, least, least};
  for (int64_t step = 0; step < count + 2 * SWEEPS - 1; step++) {
    int64_t index = count - 1 - step;
    Doubles8 alpha = __builtin_shufflevector(alphas, alphas, 0, 0, 1, 2, 3, 4, 5, 6);
    Doubles8 beta = __builtin_shufflevector(betas, betas, 0, 0, 1, 2, 3, 4, 5, 6);
    // After the block come zeros, which take the last elements out.
    alpha[0] = index >= 0 ? diagonal[index] : 0;
    beta[0] = index >= 0 ? squares[index] : 0;
    Doubles8 r = p + beta, inverse = 1 / (p * r);
    betas = s * r;
    s = beta * p * inverse;
    Doubles8 next = p * p * inverse * (alpha - shifts) - s * gamma;
    alphas = gamma + (alpha - next);
    gamma = next;
    Doubles8 gammas = gamma * gamma;
    p = (gammas > floor ? gammas : floor) * (r * r * inverse);
    int64_t out = index + 2 * SWEEPS - 1;
    if (out < count) {
      diagonal[out] = alphas[SWEEPS - 1];
      squares[out] = betas[SWEEPS - 1];
    }
  }
}

static void reverse(double *values, int64_t count) {
  for (int64_t low = 0, high = count - 1; low < high; low++, high--) {
    double value = values[low];
    values[low] = values[high];
    values[high] = value;
  }
}

int wsl_tridiagonal_values(double *diagonal, double *squares, int64_t count) {
  double largest = 0;
  for (int64_t index = 0; index < count; index++) {
    largest = fmax(largest, fabs(diagonal[index]));
    if (index + 1 < count) largest = fmax(largest, sqrt(squares[index]));
  }
  if (count > 0) squares[count - 1] = 0;
  const double least = fmax(largest * largest * 0x1p-200, 0x1p-500);
  int64_t known = 0;
  int patience = PATIENCE;
  while (count > 0) {
    int64_t length = block_length(diagonal, squares, count);
    if (length <= SHORT || patience == 0) {
      if (solve_in_turn(diagonal, squares, length)) return 1;
      diagonal += length, squares += length, count -= length;
      known = 0;
      patience = PATIENCE;
      continue;
    }
    if (length == known) {
      patience--;
    } else {
      patience = PATIENCE;
      known = length;
      // The smaller end converges, or the larger values would drown it.
      if (fabs(diagonal[length - 1]) < fabs(diagonal[0])) {
        reverse(diagonal, length);
        reverse(squares, length - 1);
      }
    }
    _Alignas(64) double shifts[SWEEPS], corner[SWEEPS];
    for (int place = 0; place < SWEEPS; place++) {
      shifts[place] = diagonal[place];
      corner[place] = squares[place];
    }
    if (solve_in_turn(shifts, corner, SWEEPS)) return 1;
    sweep(diagonal, squares, length, shifts, least);
  }
  return 0;
}
