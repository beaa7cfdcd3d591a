// What the workbench uses of oneDNN, in words that are the same for its versions 2 and 3.
//
// No type of oneDNN appears here: everything that differs between the major versions (operation
// descriptors, memory descriptors by value or by handle, scale and shift) stays in onednn.c.
// Shapes are the logical ones of oneDNN: batch, channels, spatial axes; kernels are
// [groups,] outputs, inputs, spatial axes. Elements are 32-bit floats.
#ifndef WSL_CONEDNN_H
#define WSL_CONEDNN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ONEDNN_MAXIMUM_RANK 6

/// The shape of a tensor and the order of its elements in memory.
typedef struct onednn_layout onednn_layout;
/// A compiled operation.
typedef struct onednn_primitive onednn_primitive;
/// A compiled operation with the memory it works on.
typedef struct onednn_call onednn_call;
/// Where operations run.
typedef struct onednn_stream onednn_stream;

/// What a piece of memory is to an operation.
typedef enum {
  ONEDNN_SOURCE,
  ONEDNN_SOURCE_1,
  ONEDNN_DESTINATION,
  ONEDNN_WEIGHTS,
  ONEDNN_BIAS,
  ONEDNN_MEAN,
  ONEDNN_VARIANCE,
  ONEDNN_SCALE,
  ONEDNN_SHIFT,
  ONEDNN_WORKSPACE,
  ONEDNN_SCRATCHPAD,
  ONEDNN_DIFF_SOURCE,
  ONEDNN_DIFF_DESTINATION,
  ONEDNN_DIFF_WEIGHTS,
  ONEDNN_DIFF_BIAS,
  ONEDNN_DIFF_SCALE,
  ONEDNN_DIFF_SHIFT,
  /// The first of the sources of a sum; the next is one more.
  ONEDNN_SUMMAND
} onednn_argument;

/// A function of each element. The kinds after `ONEDNN_EXP` need the source to be differentiated,
/// those up to it the destination.
typedef enum {
  ONEDNN_NO_FUNCTION,
  ONEDNN_RELU,      // alpha: slope below zero
  ONEDNN_ELU,       // alpha
  ONEDNN_TANH,
  ONEDNN_LOGISTIC,
  ONEDNN_EXP,
  ONEDNN_CLIP,      // alpha: lower, beta: upper bound
  ONEDNN_GELU_TANH,
  ONEDNN_GELU_ERF,
  ONEDNN_SWISH,     // alpha
  ONEDNN_SOFTPLUS,
  ONEDNN_LINEAR     // alpha: scale, beta: shift
} onednn_function_kind;

typedef struct {
  onednn_function_kind kind;
  float alpha;
  float beta;
} onednn_function;

typedef enum { ONEDNN_MAXIMUM, ONEDNN_AVERAGE_INSIDE, ONEDNN_AVERAGE_PADDED } onednn_pooling_kind;

/// How windows move over up to three spatial axes. `dilation` is the distance between taps less 1.
typedef struct {
  int64_t kernel[3];
  int64_t strides[3];
  int64_t dilation[3];
  int64_t before[3];
  int64_t after[3];
} onednn_window;

/// The version of the library at run time, as 10000·major + 100·minor + patch.
int onednn_version(void);

// Threads. The number is the calling thread's own; operations must be made and run under the same.
void onednn_set_thread_count(int count);
int onednn_thread_count(void);

/// Calls `body` with 0 to `count` - 1, side by side, on the library's own threads: they wait for
/// work by spinning, and would be in the way of any others.
void onednn_parallel(int count, void (*body)(void *context, int index), void *context);

// Layouts. Every function that returns one gives a new one to its caller, or NULL.
onednn_layout *onednn_layout_strided(int rank, const int64_t *shape, const int64_t *strides);
/// The order is left to the operation.
onednn_layout *onednn_layout_any(int rank, const int64_t *shape);
void onednn_layout_destroy(onednn_layout *layout);
size_t onednn_layout_byte_count(const onednn_layout *layout);
bool onednn_layout_equal(const onednn_layout *a, const onednn_layout *b);

/// Where the channels, the second axis, lie: `parts` becomes the numbers of outer stretches, of
/// blocks of channels, of positions and of the channels of a block, slowest first. False where the
/// tensor is laid out in no such way.
bool onednn_layout_channels(const onednn_layout *layout, int64_t parts[4]);

// Operations. Every maker returns NULL where the library cannot build it, and leaves the library's
// status in `*status`. `hint` is the forward operation that a backward one belongs to. A NULL bias
// means none.
onednn_primitive *onednn_convolution_forward(
    bool training, const onednn_layout *source, const onednn_layout *weights,
    const onednn_layout *bias, const onednn_layout *destination, const onednn_window *window, onednn_function after, int *status);
onednn_primitive *onednn_convolution_backward_data(
    const onednn_primitive *hint, const onednn_layout *diff_source, const onednn_layout *weights,
    const onednn_layout *diff_destination, const onednn_window *window, int *status);
onednn_primitive *onednn_convolution_backward_weights(
    const onednn_primitive *hint, const onednn_layout *source, const onednn_layout *diff_weights,
    const onednn_layout *diff_bias, const onednn_layout *diff_destination,
    const onednn_window *window, int *status);

onednn_primitive *onednn_inner_product_forward(
    bool training, const onednn_layout *source, const onednn_layout *weights,
    const onednn_layout *bias, const onednn_layout *destination, onednn_function after,
    int *status);
onednn_primitive *onednn_inner_product_backward_data(
    const onednn_primitive *hint, const onednn_layout *diff_source, const onednn_layout *weights,
    const onednn_layout *diff_destination, int *status);
onednn_primitive *onednn_inner_product_backward_weights(
    const onednn_primitive *hint, const onednn_layout *source, const onednn_layout *diff_weights,
    const onednn_layout *diff_bias, const onednn_layout *diff_destination, int *status);

onednn_primitive *onednn_pooling_forward(
    bool training, onednn_pooling_kind kind, const onednn_layout *source,
    const onednn_layout *destination, const onednn_window *window, int *status);
onednn_primitive *onednn_pooling_backward(
    const onednn_primitive *hint, onednn_pooling_kind kind, const onednn_layout *diff_source,
    const onednn_layout *diff_destination, const onednn_window *window, int *status);

/// Training takes the statistics of the batch, otherwise they are given.
onednn_primitive *onednn_batch_normalization_forward(
    bool training, const onednn_layout *source, float epsilon, bool has_scale, bool has_shift,
    bool relu_after, int *status);
onednn_primitive *onednn_batch_normalization_backward(
    const onednn_primitive *hint, const onednn_layout *diff_source, const onednn_layout *source,
    float epsilon, bool has_scale, bool has_shift, bool relu_after, int *status);
/// Over the last axis.
onednn_primitive *onednn_layer_normalization_forward(
    bool training, const onednn_layout *source, const onednn_layout *statistics, float epsilon,
    bool has_scale, bool has_shift, int *status);
onednn_primitive *onednn_layer_normalization_backward(
    const onednn_primitive *hint, const onednn_layout *diff_source, const onednn_layout *source,
    const onednn_layout *statistics, float epsilon, bool has_scale, bool has_shift, int *status);

onednn_primitive *onednn_function_forward(
    bool training, onednn_function function, const onednn_layout *source, int *status);
onednn_primitive *onednn_function_backward(
    const onednn_primitive *hint, onednn_function function, const onednn_layout *diff_source,
    const onednn_layout *data, int *status);
onednn_primitive *onednn_softmax_forward(
    bool training, const onednn_layout *source, int axis, int *status);
onednn_primitive *onednn_softmax_backward(
    const onednn_primitive *hint, const onednn_layout *diff_source,
    const onednn_layout *destination, int axis, int *status);

onednn_primitive *onednn_reorder(
    const onednn_layout *source, const onednn_layout *destination, int *status);
/// The sum of `count` sources; never in place.
onednn_primitive *onednn_sum(
    int count, const onednn_layout *const *sources, const onednn_layout *destination,
    int *status);
/// The sum of two, and a function of it.
onednn_primitive *onednn_addition(
    const onednn_layout *a, const onednn_layout *b, const onednn_layout *destination,
    onednn_function after, int *status);
onednn_primitive *onednn_multiplication(
    const onednn_layout *a, const onednn_layout *b, const onednn_layout *destination,
    int *status);

/// The larger, the smaller, or the difference of two.
typedef enum { ONEDNN_LARGER, ONEDNN_SMALLER, ONEDNN_DIFFERENCE } onednn_pair_kind;
onednn_primitive *onednn_pair(
    onednn_pair_kind kind, const onednn_layout *a, const onednn_layout *b,
    const onednn_layout *destination, int *status);

void onednn_primitive_destroy(onednn_primitive *primitive);
/// The layout that the operation wants for an argument, new; NULL where it takes none.
onednn_layout *onednn_primitive_layout(
    const onednn_primitive *primitive, onednn_argument argument);

// Calls.
onednn_stream *onednn_stream_create(void);
void onednn_stream_destroy(onednn_stream *stream);
onednn_call *onednn_call_create(const onednn_primitive *primitive);
void onednn_call_destroy(onednn_call *call);
/// Adds an argument, or gives one that was added before new memory (`layout` is then not read).
/// Returns 0, or the library's status.
int onednn_call_bind(
    onednn_call *call, int argument, const onednn_layout *layout, void *memory);
/// Runs the operation and waits. Returns 0, or the library's status.
int onednn_call_run(const onednn_call *call, const onednn_stream *stream);

/// C = alpha·op(A)·op(B) + beta·C, row-major; leading dimensions are row lengths.
int onednn_sgemm(
    bool transposes_a, bool transposes_b, int64_t rows, int64_t columns, int64_t depth,
    float alpha, const float *a, int64_t lda, const float *b, int64_t ldb, float beta, float *c,
    int64_t ldc);

#endif
