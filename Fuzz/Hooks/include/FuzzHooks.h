#ifndef FUZZ_HOOKS_H
#define FUZZ_HOOKS_H

#include <stddef.h>

/* From here to wsl_fuzz_end, more than `limit` bytes allocated and not freed end the process. */
void wsl_fuzz_begin(size_t limit);
void wsl_fuzz_end(void);

#endif
