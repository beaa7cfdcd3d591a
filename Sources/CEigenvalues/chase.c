#include "CEigenvalues.h"
#include "clones.h"

#include <math.h>

#pragma clang fp contract(fast)

typedef double Doubles4 __attribute__((ext_vector_type(4), aligned(8)));
typedef float Floats8 __attribute__((ext_vector_type(8), aligned(4)));
typedef int64_t Longs4 __attribute__((ext_vector_type(4)));
typedef int32_t Words8 __attribute__((ext_vector_type(8)));

#define SCALAR double
#define VECTOR Doubles4
#define LANES 4
#define MASK Longs4
#define LANE_NUMBERS {0, 1, 2, 3}
#define SQUARE_ROOT sqrt
#define NAME(name) name##_double
#include "chase.h"
#include "panel.h"
#undef SCALAR
#undef VECTOR
#undef LANES
#undef MASK
#undef LANE_NUMBERS
#undef SQUARE_ROOT
#undef NAME

#define SCALAR float
#define VECTOR Floats8
#define LANES 8
#define MASK Words8
#define LANE_NUMBERS {0, 1, 2, 3, 4, 5, 6, 7}
#define SQUARE_ROOT sqrtf
#define NAME(name) name##_float
#include "chase.h"
#include "panel.h"
