/// The rows of attention: products of a query with all keys become weights, and back.
#ifndef WSL_ATTENTION_H
#define WSL_ATTENTION_H

#include <stdint.h>

/// What is done to the products of one query before the softmax.
typedef struct {
  /// What products are multiplied by.
  float scale;
  /// `cap * tanh(x / cap)` afterwards; 0 for none.
  float cap;
  /// What is added after that, one for each key: NULL for nothing.
  const float *bias, *mask;
  /// The keys that are read: from `first` to before `last`. All others get the weight 0.
  int64_t first, last;
} WSLAttentionRow;

/// Turns the products of a query with `count` keys into weights that sum to 1. One product that is not
/// a number makes all weights so; where no key is read, none is a number.
void wsl_attention_row(float *products, int64_t count, WSLAttentionRow row);

/// The gradient of the products from that of the weights, in its place, without the factor `scale`.
///
/// `products` are as they were before `wsl_attention_row`; they are read where there is a cap.
/// `biasGradient` becomes the gradient of what was added to the capped products; NULL where nobody
/// wants it.
void wsl_attention_row_gradient(
  const float *weights, float *gradient, const float *products, float *biasGradient, int64_t count,
  WSLAttentionRow row);

#endif
