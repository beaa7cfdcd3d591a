#include "CEigenvalues.h"
#include "clones.h"

#pragma clang fp contract(fast)

typedef double Doubles4 __attribute__((ext_vector_type(4), aligned(8)));
typedef float Floats8 __attribute__((ext_vector_type(8), aligned(4)));

#define SCALAR double
#define VECTOR Doubles4
#define LANES 4
#define NAME(name) name##_double
#include "tiles.h"
#undef SCALAR
#undef VECTOR
#undef LANES
#undef NAME

#define SCALAR float
#define VECTOR Floats8
#define LANES 8
#define NAME(name) name##_float
#include "tiles.h"
