#include "CKernels.h"
#include "clones.h"

#include <math.h>

// The same bits on every processor.
#pragma STDC FP_CONTRACT OFF

WSL_CLONES
void wsl_momentum_step(
    float *restrict weights, const float *restrict gradients, float *restrict velocity,
    int64_t count, float rate, float decay, float momentum, float own, float kept) {
  for (int64_t at = 0; at < count; at++) {
    float gradient = gradients[at] + decay * weights[at];
    float moved = momentum * velocity[at] + gradient;
    velocity[at] = moved;
    weights[at] -= rate * (own * gradient + kept * moved);
  }
}

// Only the vector form of the square root is wanted, not what it does to errno.
static inline float root(float value) { return __builtin_elementwise_sqrt(value); }

WSL_CLONES
void wsl_adam_step(
    float *restrict weights, const float *restrict gradients, float *restrict means,
    float *restrict squares, int64_t count, WSLAdam adam) {
  for (int64_t at = 0; at < count; at++) {
    float gradient = gradients[at] + adam.decay * weights[at];
    float mean = adam.beta1 * means[at] + adam.fresh1 * gradient;
    float square = adam.beta2 * squares[at] + adam.fresh2 * gradient * gradient;
    means[at] = mean;
    squares[at] = square;
    float spread = root(square) * adam.correction + adam.epsilon;
    weights[at] = adam.shrinkage * weights[at] - adam.step * mean / spread;
  }
}
