/// The bits of elements and what they mean: the lowest of the kernels. `elements.h` and `clones.h` beside the
/// sources are for the other kernels, which find them by their search path.
#ifndef WSL_CELEMENTS_H
#define WSL_CELEMENTS_H

#include "dequantise.h"
#include "smallfloats.h"
#include "widening.h"

#endif
