// The bridge to oneDNN 2.x. Version 3 removed operation descriptors and made memory descriptors
// handles: to move to it, this file is the one to rewrite.
#include "COneDNN.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

#if DNNL_VERSION_MAJOR != 2
#error "onednn.c is written against oneDNN 2.x (libdnnl-dev of Debian 12)"
#endif

struct onednn_layout { dnnl_memory_desc_t descriptor; };
struct onednn_primitive { dnnl_primitive_t primitive; dnnl_primitive_desc_t descriptor; };
struct onednn_stream { dnnl_stream_t stream; };
#define MAXIMUM_ARGUMENTS 24
struct onednn_call {
  dnnl_primitive_t primitive;  // owned by the onednn_primitive, which outlives the call
  int count;
  dnnl_exec_arg_t arguments[MAXIMUM_ARGUMENTS];
};

int onednn_version(void) {
  const dnnl_version_t *version = dnnl_version();
  return 10000 * version->major + 100 * version->minor + version->patch;
}

// MARK: Threads

// libdnnl is built on libgomp, which keeps the number of threads per calling thread. The symbols
// are looked up in the process, so that nothing has to be linked against one OpenMP or another;
// without them (oneDNN built on another runtime) the library decides.
static void (*set_threads)(int);
static int (*get_threads)(void);
static int (*thread_number)(void);
static int (*team_size)(void);
static void (*run_team)(void (*)(void *), void *, unsigned, unsigned);

__attribute__((constructor)) static void find_threads(void) {
  set_threads = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  get_threads = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_max_threads");
  thread_number = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_thread_num");
  team_size = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_num_threads");
  run_team = (void (*)(void (*)(void *), void *, unsigned, unsigned))dlsym(
      RTLD_DEFAULT, "GOMP_parallel");
}

void onednn_set_thread_count(int count) {
  if (set_threads) set_threads(count);
}

int onednn_thread_count(void) { return get_threads ? get_threads() : 1; }

struct team_work { int count; void (*body)(void *, int); void *context; };

static void run_share(void *argument) {
  const struct team_work *work = argument;
  int size = team_size();
  for (int index = thread_number(); index < work->count; index += size)
    work->body(work->context, index);
}

void onednn_parallel(int count, void (*body)(void *context, int index), void *context) {
  struct team_work work = {count, body, context};
  if (count > 1 && run_team && thread_number && team_size) {
    run_team(run_share, &work, (unsigned)count, 0);
  } else {
    for (int index = 0; index < count; index++) body(context, index);
  }
}

// MARK: Layouts

static dnnl_engine_t engine(void) {
  static dnnl_engine_t shared;
  static int made;
  // Two threads may both make one here; either is as good, and the loser is a few bytes.
  if (!__atomic_load_n(&made, __ATOMIC_ACQUIRE)) {
    dnnl_engine_t fresh = NULL;
    if (dnnl_engine_create(&fresh, dnnl_cpu, 0) == dnnl_success) {
      dnnl_engine_t none = NULL;
      if (!__atomic_compare_exchange_n(
              &shared, &none, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        dnnl_engine_destroy(fresh);
      __atomic_store_n(&made, 1, __ATOMIC_RELEASE);
    }
  }
  return shared;
}

static onednn_layout *new_layout(const dnnl_memory_desc_t *descriptor) {
  if (!descriptor || descriptor->ndims == 0) return NULL;
  onednn_layout *layout = malloc(sizeof *layout);
  if (layout) layout->descriptor = *descriptor;
  return layout;
}

onednn_layout *onednn_layout_strided(int rank, const int64_t *shape, const int64_t *strides) {
  dnnl_memory_desc_t descriptor;
  if (rank < 1 || rank > ONEDNN_MAXIMUM_RANK) return NULL;
  if (dnnl_memory_desc_init_by_strides(&descriptor, rank, shape, dnnl_f32, strides))
    return NULL;
  return new_layout(&descriptor);
}

onednn_layout *onednn_layout_any(int rank, const int64_t *shape) {
  dnnl_memory_desc_t descriptor;
  if (rank < 1 || rank > ONEDNN_MAXIMUM_RANK) return NULL;
  if (dnnl_memory_desc_init_by_tag(&descriptor, rank, shape, dnnl_f32, dnnl_format_tag_any))
    return NULL;
  return new_layout(&descriptor);
}

void onednn_layout_destroy(onednn_layout *layout) { free(layout); }

size_t onednn_layout_byte_count(const onednn_layout *layout) {
  return dnnl_memory_desc_get_size(&layout->descriptor);
}

bool onednn_layout_equal(const onednn_layout *a, const onednn_layout *b) {
  return dnnl_memory_desc_equal(&a->descriptor, &b->descriptor);
}

bool onednn_layout_channels(const onednn_layout *layout, int64_t parts[4]) {
  const dnnl_memory_desc_t *d = &layout->descriptor;
  if (d->format_kind != dnnl_blocked || d->ndims < 2 || d->offset0 != 0) return false;
  const dnnl_blocking_desc_t *blocking = &d->format_desc.blocking;
  int64_t count = d->dims[0], channels = d->dims[1], positions = 1;
  for (int axis = 0; axis < d->ndims; axis++) {
    if (axis != 1 && d->padded_dims[axis] != d->dims[axis]) return false;
    if (axis > 1) positions *= d->dims[axis];
  }
  int64_t block = 1;
  if (blocking->inner_nblks == 1 && blocking->inner_idxs[0] == 1) {
    block = blocking->inner_blks[0];
  } else if (blocking->inner_nblks != 0) {
    return false;
  }
  int64_t padded = d->padded_dims[1];
  if (dnnl_memory_desc_get_size(d) != (size_t)(count * padded * positions) * sizeof(float))
    return false;
  if (block == 1 && blocking->strides[1] == 1) {
    for (int axis = 0; axis < d->ndims; axis++)
      if (axis != 1 && blocking->strides[axis] % channels != 0) return false;
    parts[0] = count * positions;
    parts[1] = parts[2] = 1;
    parts[3] = channels;
    return true;
  }
  if (blocking->strides[1] != positions * block) return false;
  if (count > 1 && blocking->strides[0] != positions * padded) return false;
  parts[0] = count;
  parts[1] = padded / block;
  parts[2] = positions;
  parts[3] = block;
  return true;
}

static const dnnl_memory_desc_t *of(const onednn_layout *layout) {
  return layout ? &layout->descriptor : NULL;
}

// MARK: Operations

static dnnl_alg_kind_t algorithm(onednn_function_kind kind, bool differentiated) {
  switch (kind) {
    case ONEDNN_RELU:
      return differentiated ? dnnl_eltwise_relu_use_dst_for_bwd : dnnl_eltwise_relu;
    case ONEDNN_ELU: return differentiated ? dnnl_eltwise_elu_use_dst_for_bwd : dnnl_eltwise_elu;
    case ONEDNN_TANH:
      return differentiated ? dnnl_eltwise_tanh_use_dst_for_bwd : dnnl_eltwise_tanh;
    case ONEDNN_LOGISTIC:
      return differentiated ? dnnl_eltwise_logistic_use_dst_for_bwd : dnnl_eltwise_logistic;
    case ONEDNN_EXP: return differentiated ? dnnl_eltwise_exp_use_dst_for_bwd : dnnl_eltwise_exp;
    case ONEDNN_CLIP: return dnnl_eltwise_clip;
    case ONEDNN_GELU_TANH: return dnnl_eltwise_gelu_tanh;
    case ONEDNN_GELU_ERF: return dnnl_eltwise_gelu_erf;
    case ONEDNN_SWISH: return dnnl_eltwise_swish;
    case ONEDNN_SOFTPLUS: return dnnl_eltwise_soft_relu;
    case ONEDNN_LINEAR:
    case ONEDNN_NO_FUNCTION: break;
  }
  return dnnl_eltwise_linear;
}

static dnnl_prop_kind_t forward(bool training) {
  return training ? dnnl_forward_training : dnnl_forward_inference;
}

// Attributes: scratch memory is the caller's, and a function may follow.
static dnnl_status_t attributes(dnnl_primitive_attr_t *attribute, onednn_function after) {
  dnnl_status_t status = dnnl_primitive_attr_create(attribute);
  if (status) return status;
  status = dnnl_primitive_attr_set_scratchpad_mode(*attribute, dnnl_scratchpad_mode_user);
  if (!status && after.kind != ONEDNN_NO_FUNCTION) {
    dnnl_post_ops_t steps = NULL;
    status = dnnl_post_ops_create(&steps);
    if (!status)
      status = dnnl_post_ops_append_eltwise(
          steps, 1.0f, algorithm(after.kind, false), after.alpha, after.beta);
    if (!status) status = dnnl_primitive_attr_set_post_ops(*attribute, steps);
    if (steps) dnnl_post_ops_destroy(steps);
  }
  return status;
}

static const onednn_function nothing = {ONEDNN_NO_FUNCTION, 0, 0};

// Takes the descriptor over.
static onednn_primitive *compile(dnnl_primitive_desc_t descriptor, int *status) {
  dnnl_primitive_t primitive = NULL;
  *status = dnnl_primitive_create(&primitive, descriptor);
  onednn_primitive *result = *status ? NULL : malloc(sizeof *result);
  if (!result) {
    if (primitive) dnnl_primitive_destroy(primitive);
    dnnl_primitive_desc_destroy(descriptor);
    if (!*status) *status = dnnl_out_of_memory;
    return NULL;
  }
  result->primitive = primitive;
  result->descriptor = descriptor;
  return result;
}

static onednn_primitive *build(
    dnnl_status_t described, const void *operation, onednn_function after,
    const onednn_primitive *hint, int *status) {
  *status = described;
  if (described) return NULL;
  dnnl_primitive_attr_t attribute = NULL;
  dnnl_primitive_desc_t descriptor = NULL;
  *status = attributes(&attribute, after);
  if (!*status)
    *status = dnnl_primitive_desc_create(
        &descriptor, operation, attribute, engine(), hint ? hint->descriptor : NULL);
  if (attribute) dnnl_primitive_attr_destroy(attribute);
  return *status ? NULL : compile(descriptor, status);
}

onednn_primitive *onednn_convolution_forward(
    bool training, const onednn_layout *source, const onednn_layout *weights,
    const onednn_layout *bias, const onednn_layout *destination, const onednn_window *window, onednn_function after, int *status) {
  dnnl_convolution_desc_t operation;
  dnnl_status_t described = dnnl_dilated_convolution_forward_desc_init(
      &operation, forward(training), dnnl_convolution_direct, of(source), of(weights), of(bias),
      of(destination), window->strides, window->dilation, window->before, window->after);
  return build(described, &operation, after, NULL, status);
}

onednn_primitive *onednn_convolution_backward_data(
    const onednn_primitive *hint, const onednn_layout *diff_source, const onednn_layout *weights,
    const onednn_layout *diff_destination, const onednn_window *window, int *status) {
  dnnl_convolution_desc_t operation;
  dnnl_status_t described = dnnl_dilated_convolution_backward_data_desc_init(
      &operation, dnnl_convolution_direct, of(diff_source), of(weights), of(diff_destination),
      window->strides, window->dilation, window->before, window->after);
  return build(described, &operation, nothing, hint, status);
}

onednn_primitive *onednn_convolution_backward_weights(
    const onednn_primitive *hint, const onednn_layout *source, const onednn_layout *diff_weights,
    const onednn_layout *diff_bias, const onednn_layout *diff_destination,
    const onednn_window *window, int *status) {
  dnnl_convolution_desc_t operation;
  dnnl_status_t described = dnnl_dilated_convolution_backward_weights_desc_init(
      &operation, dnnl_convolution_direct, of(source), of(diff_weights), of(diff_bias),
      of(diff_destination), window->strides, window->dilation, window->before, window->after);
  return build(described, &operation, nothing, hint, status);
}

onednn_primitive *onednn_inner_product_forward(
    bool training, const onednn_layout *source, const onednn_layout *weights,
    const onednn_layout *bias, const onednn_layout *destination, onednn_function after,
    int *status) {
  dnnl_inner_product_desc_t operation;
  dnnl_status_t described = dnnl_inner_product_forward_desc_init(
      &operation, forward(training), of(source), of(weights), of(bias), of(destination));
  return build(described, &operation, after, NULL, status);
}

onednn_primitive *onednn_inner_product_backward_data(
    const onednn_primitive *hint, const onednn_layout *diff_source, const onednn_layout *weights,
    const onednn_layout *diff_destination, int *status) {
  dnnl_inner_product_desc_t operation;
  dnnl_status_t described = dnnl_inner_product_backward_data_desc_init(
      &operation, of(diff_source), of(weights), of(diff_destination));
  return build(described, &operation, nothing, hint, status);
}

onednn_primitive *onednn_inner_product_backward_weights(
    const onednn_primitive *hint, const onednn_layout *source, const onednn_layout *diff_weights,
    const onednn_layout *diff_bias, const onednn_layout *diff_destination, int *status) {
  dnnl_inner_product_desc_t operation;
  dnnl_status_t described = dnnl_inner_product_backward_weights_desc_init(
      &operation, of(source), of(diff_weights), of(diff_bias), of(diff_destination));
  return build(described, &operation, nothing, hint, status);
}

static dnnl_alg_kind_t pooling(onednn_pooling_kind kind) {
  switch (kind) {
    case ONEDNN_AVERAGE_INSIDE: return dnnl_pooling_avg_exclude_padding;
    case ONEDNN_AVERAGE_PADDED: return dnnl_pooling_avg_include_padding;
    case ONEDNN_MAXIMUM: break;
  }
  return dnnl_pooling_max;
}

onednn_primitive *onednn_pooling_forward(
    bool training, onednn_pooling_kind kind, const onednn_layout *source,
    const onednn_layout *destination, const onednn_window *window, int *status) {
  dnnl_pooling_desc_t operation;
  dnnl_status_t described = dnnl_pooling_forward_desc_init(
      &operation, forward(training), pooling(kind), of(source), of(destination), window->strides,
      window->kernel, window->before, window->after);
  return build(described, &operation, nothing, NULL, status);
}

onednn_primitive *onednn_pooling_backward(
    const onednn_primitive *hint, onednn_pooling_kind kind, const onednn_layout *diff_source,
    const onednn_layout *diff_destination, const onednn_window *window, int *status) {
  dnnl_pooling_desc_t operation;
  dnnl_status_t described = dnnl_pooling_backward_desc_init(
      &operation, pooling(kind), of(diff_source), of(diff_destination), window->strides,
      window->kernel, window->before, window->after);
  return build(described, &operation, nothing, hint, status);
}

static unsigned normalization(bool has_scale, bool has_shift) {
  return (has_scale ? dnnl_use_scale : 0u) | (has_shift ? dnnl_use_shift : 0u);
}

onednn_primitive *onednn_batch_normalization_forward(
    bool training, const onednn_layout *source, float epsilon, bool has_scale, bool has_shift,
    bool relu_after, int *status) {
  dnnl_batch_normalization_desc_t operation;
  unsigned flags = normalization(has_scale, has_shift);
  if (!training) flags |= dnnl_use_global_stats;
  if (relu_after) flags |= dnnl_fuse_norm_relu;
  dnnl_status_t described = dnnl_batch_normalization_forward_desc_init(
      &operation, forward(training), of(source), epsilon, flags);
  return build(described, &operation, nothing, NULL, status);
}

onednn_primitive *onednn_batch_normalization_backward(
    const onednn_primitive *hint, const onednn_layout *diff_source, const onednn_layout *source,
    float epsilon, bool has_scale, bool has_shift, bool relu_after, int *status) {
  dnnl_batch_normalization_desc_t operation;
  unsigned flags = normalization(has_scale, has_shift);
  if (relu_after) flags |= dnnl_fuse_norm_relu;
  dnnl_status_t described = dnnl_batch_normalization_backward_desc_init(
      &operation, has_scale || has_shift ? dnnl_backward : dnnl_backward_data, of(diff_source),
      of(source), epsilon, flags);
  return build(described, &operation, nothing, hint, status);
}

onednn_primitive *onednn_layer_normalization_forward(
    bool training, const onednn_layout *source, const onednn_layout *statistics, float epsilon,
    bool has_scale, bool has_shift, int *status) {
  dnnl_layer_normalization_desc_t operation;
  dnnl_status_t described = dnnl_layer_normalization_forward_desc_init(
      &operation, forward(training), of(source), of(statistics), epsilon,
      normalization(has_scale, has_shift));
  return build(described, &operation, nothing, NULL, status);
}

onednn_primitive *onednn_layer_normalization_backward(
    const onednn_primitive *hint, const onednn_layout *diff_source, const onednn_layout *source,
    const onednn_layout *statistics, float epsilon, bool has_scale, bool has_shift, int *status) {
  dnnl_layer_normalization_desc_t operation;
  dnnl_status_t described = dnnl_layer_normalization_backward_desc_init(
      &operation, has_scale || has_shift ? dnnl_backward : dnnl_backward_data, of(diff_source),
      of(source), of(statistics), epsilon, normalization(has_scale, has_shift));
  return build(described, &operation, nothing, hint, status);
}

onednn_primitive *onednn_function_forward(
    bool training, onednn_function function, const onednn_layout *source, int *status) {
  dnnl_eltwise_desc_t operation;
  dnnl_status_t described = dnnl_eltwise_forward_desc_init(
      &operation, forward(training), algorithm(function.kind, training), of(source),
      function.alpha, function.beta);
  return build(described, &operation, nothing, NULL, status);
}

onednn_primitive *onednn_function_backward(
    const onednn_primitive *hint, onednn_function function, const onednn_layout *diff_source,
    const onednn_layout *data, int *status) {
  dnnl_eltwise_desc_t operation;
  dnnl_status_t described = dnnl_eltwise_backward_desc_init(
      &operation, algorithm(function.kind, true), of(diff_source), of(data), function.alpha,
      function.beta);
  return build(described, &operation, nothing, hint, status);
}

onednn_primitive *onednn_softmax_forward(
    bool training, const onednn_layout *source, int axis, int *status) {
  dnnl_softmax_desc_t operation;
  dnnl_status_t described =
      dnnl_softmax_forward_desc_init(&operation, forward(training), of(source), axis);
  return build(described, &operation, nothing, NULL, status);
}

onednn_primitive *onednn_softmax_backward(
    const onednn_primitive *hint, const onednn_layout *diff_source,
    const onednn_layout *destination, int axis, int *status) {
  dnnl_softmax_desc_t operation;
  dnnl_status_t described =
      dnnl_softmax_backward_desc_init(&operation, of(diff_source), of(destination), axis);
  return build(described, &operation, nothing, hint, status);
}

onednn_primitive *onednn_reorder(
    const onednn_layout *source, const onednn_layout *destination, int *status) {
  dnnl_primitive_attr_t attribute = NULL;
  dnnl_primitive_desc_t descriptor = NULL;
  *status = attributes(&attribute, nothing);
  if (!*status)
    *status = dnnl_reorder_primitive_desc_create(
        &descriptor, of(source), engine(), of(destination), engine(), attribute);
  if (attribute) dnnl_primitive_attr_destroy(attribute);
  return *status ? NULL : compile(descriptor, status);
}

onednn_primitive *onednn_sum(
    int count, const onednn_layout *const *sources, const onednn_layout *destination,
    int *status) {
  dnnl_memory_desc_t descriptors[MAXIMUM_ARGUMENTS];
  float scales[MAXIMUM_ARGUMENTS];
  *status = dnnl_invalid_arguments;
  if (count < 1 || count > MAXIMUM_ARGUMENTS - 2) return NULL;
  for (int index = 0; index < count; index++) {
    descriptors[index] = sources[index]->descriptor;
    scales[index] = 1.0f;
  }
  dnnl_primitive_attr_t attribute = NULL;
  dnnl_primitive_desc_t descriptor = NULL;
  *status = attributes(&attribute, nothing);
  if (!*status)
    *status = dnnl_sum_primitive_desc_create(
        &descriptor, of(destination), count, scales, descriptors, attribute, engine());
  if (attribute) dnnl_primitive_attr_destroy(attribute);
  return *status ? NULL : compile(descriptor, status);
}

static onednn_primitive *binary(
    dnnl_alg_kind_t kind, const onednn_layout *a, const onednn_layout *b,
    const onednn_layout *destination, onednn_function after, int *status) {
  dnnl_binary_desc_t operation;
  dnnl_status_t described =
      dnnl_binary_desc_init(&operation, kind, of(a), of(b), of(destination));
  return build(described, &operation, after, NULL, status);
}

onednn_primitive *onednn_addition(
    const onednn_layout *a, const onednn_layout *b, const onednn_layout *destination,
    onednn_function after, int *status) {
  return binary(dnnl_binary_add, a, b, destination, after, status);
}

onednn_primitive *onednn_multiplication(
    const onednn_layout *a, const onednn_layout *b, const onednn_layout *destination,
    int *status) {
  return binary(dnnl_binary_mul, a, b, destination, nothing, status);
}

onednn_primitive *onednn_pair(
    onednn_pair_kind kind, const onednn_layout *a, const onednn_layout *b,
    const onednn_layout *destination, int *status) {
  dnnl_alg_kind_t kinds[] = {dnnl_binary_max, dnnl_binary_min, dnnl_binary_sub};
  return binary(kinds[kind], a, b, destination, nothing, status);
}

void onednn_primitive_destroy(onednn_primitive *primitive) {
  dnnl_primitive_destroy(primitive->primitive);
  dnnl_primitive_desc_destroy(primitive->descriptor);
  free(primitive);
}

static int argument_number(int argument) {
  static const int numbers[] = {
      [ONEDNN_SOURCE] = DNNL_ARG_SRC,
      [ONEDNN_SOURCE_1] = DNNL_ARG_SRC_1,
      [ONEDNN_DESTINATION] = DNNL_ARG_DST,
      [ONEDNN_WEIGHTS] = DNNL_ARG_WEIGHTS,
      [ONEDNN_BIAS] = DNNL_ARG_BIAS,
      [ONEDNN_MEAN] = DNNL_ARG_MEAN,
      [ONEDNN_VARIANCE] = DNNL_ARG_VARIANCE,
      [ONEDNN_SCALE] = DNNL_ARG_SCALE,
      [ONEDNN_SHIFT] = DNNL_ARG_SHIFT,
      [ONEDNN_WORKSPACE] = DNNL_ARG_WORKSPACE,
      [ONEDNN_SCRATCHPAD] = DNNL_ARG_SCRATCHPAD,
      [ONEDNN_DIFF_SOURCE] = DNNL_ARG_DIFF_SRC,
      [ONEDNN_DIFF_DESTINATION] = DNNL_ARG_DIFF_DST,
      [ONEDNN_DIFF_WEIGHTS] = DNNL_ARG_DIFF_WEIGHTS,
      [ONEDNN_DIFF_BIAS] = DNNL_ARG_DIFF_BIAS,
      [ONEDNN_DIFF_SCALE] = DNNL_ARG_DIFF_SCALE,
      [ONEDNN_DIFF_SHIFT] = DNNL_ARG_DIFF_SHIFT,
  };
  if (argument >= ONEDNN_SUMMAND) return DNNL_ARG_MULTIPLE_SRC + argument - ONEDNN_SUMMAND;
  return numbers[argument];
}

onednn_layout *onednn_primitive_layout(
    const onednn_primitive *primitive, onednn_argument argument) {
  return new_layout(dnnl_primitive_desc_query_md(
      primitive->descriptor, dnnl_query_exec_arg_md, argument_number(argument)));
}

// MARK: Calls

onednn_stream *onednn_stream_create(void) {
  onednn_stream *result = malloc(sizeof *result);
  if (result && dnnl_stream_create(&result->stream, engine(), dnnl_stream_default_flags)) {
    free(result);
    return NULL;
  }
  return result;
}

void onednn_stream_destroy(onednn_stream *stream) {
  dnnl_stream_destroy(stream->stream);
  free(stream);
}

onednn_call *onednn_call_create(const onednn_primitive *primitive) {
  onednn_call *call = calloc(1, sizeof *call);
  if (call) call->primitive = primitive->primitive;
  return call;
}

void onednn_call_destroy(onednn_call *call) {
  for (int index = 0; index < call->count; index++)
    dnnl_memory_destroy(call->arguments[index].memory);
  free(call);
}

int onednn_call_bind(
    onednn_call *call, int argument, const onednn_layout *layout, void *memory) {
  int number = argument_number(argument);
  for (int index = 0; index < call->count; index++)
    if (call->arguments[index].arg == number)
      return dnnl_memory_set_data_handle(call->arguments[index].memory, memory);
  if (call->count == MAXIMUM_ARGUMENTS) return dnnl_invalid_arguments;
  dnnl_exec_arg_t *added = &call->arguments[call->count];
  dnnl_status_t status = dnnl_memory_create(&added->memory, of(layout), engine(), memory);
  if (status) return status;
  added->arg = number;
  call->count++;
  return 0;
}

int onednn_call_run(const onednn_call *call, const onednn_stream *stream) {
  dnnl_status_t status =
      dnnl_primitive_execute(call->primitive, stream->stream, call->count, call->arguments);
  return status ? status : dnnl_stream_wait(stream->stream);
}

int onednn_sgemm(
    bool transposes_a, bool transposes_b, int64_t rows, int64_t columns, int64_t depth,
    float alpha, const float *a, int64_t lda, const float *b, int64_t ldb, float beta, float *c,
    int64_t ldc) {
  return dnnl_sgemm(
      transposes_a ? 'T' : 'N', transposes_b ? 'T' : 'N', rows, columns, depth, alpha, a, lda, b,
      ldb, beta, c, ldc);
}
