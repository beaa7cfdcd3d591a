/// Inner loops of running and training networks that the Swift compiler cannot vectorise for a baseline
/// x86-64 target. Each is compiled for SSE2 and for AVX2, and the dynamic linker picks one.
#ifndef WSL_CKERNELS_H
#define WSL_CKERNELS_H

#include "activation.h"
#include "attention.h"
#include "tangents.h"

#include <stdint.h>

/// One step of gradient descent with momentum: `v = momentum*v + g + decay*w`, then
/// `w -= rate*(own*(g + decay*w) + kept*v)`.
void wsl_momentum_step(
  float *weights, const float *gradients, float *velocity, int64_t count, float rate, float decay,
  float momentum, float own, float kept);

/// The constants of a step of Adam, bias corrections included in `step` and `correction`.
typedef struct {
  float beta1, fresh1, beta2, fresh2, step, correction, epsilon, decay, shrinkage;
} WSLAdam;

/// One step of Adam over weights with running means and squares.
void wsl_adam_step(
  float *weights, const float *gradients, float *means, float *squares, int64_t count,
  WSLAdam adam);

#endif
