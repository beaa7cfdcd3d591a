#include "CAssignment.h"
#include "clones.h"

#include <math.h>
#include <string.h>

typedef float Costs16 __attribute__((ext_vector_type(16), aligned(4)));
typedef float Costs8 __attribute__((ext_vector_type(8), aligned(4)));
typedef double Wide8 __attribute__((ext_vector_type(8), aligned(8)));
typedef int32_t Index16 __attribute__((ext_vector_type(16), aligned(4)));
typedef int32_t Index8 __attribute__((ext_vector_type(8), aligned(4)));
typedef int64_t Mask8 __attribute__((ext_vector_type(8), aligned(8)));

#define LANES16 {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
#define LANES8 {0, 1, 2, 3, 4, 5, 6, 7}

#define SCALAR float
#define LANE_COUNT 16
#define LANES LANES16
#define VALUES Costs16
#define COSTS Costs16
#define INDEX Index16
#define MASK Index16
#define RESULT WSLScanFloat
#define NAME(name) name##_float
#include "assignment-scan.h"
#undef SCALAR
#undef LANE_COUNT
#undef LANES
#undef VALUES
#undef COSTS
#undef INDEX
#undef MASK
#undef RESULT
#undef NAME

#define SCALAR double
#define LANE_COUNT 8
#define LANES LANES8
#define VALUES Wide8
#define COSTS Costs8
#define INDEX Index8
#define MASK Mask8
#define RESULT WSLScanDouble
#define NAME(name) name##_double
#include "assignment-scan.h"
