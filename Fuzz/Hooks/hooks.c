#include "FuzzHooks.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* Of compiler-rt: sanitizer/allocator_interface.h, which not every toolchain installs. */
int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void *, size_t), void (*free_hook)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *);

static atomic_long live;
static atomic_long most; /* 0: nothing is watched */

static void allocated(const volatile void *place, size_t size) {
  (void)place;
  long limit = atomic_load(&most);
  if (limit == 0) return;
  long now = atomic_fetch_add(&live, (long)size) + (long)size;
  if (now <= limit) return;
  atomic_store(&most, 0);
  fprintf(stderr, "fuzz: %ld bytes are allocated, and %ld are allowed for this input\n", now, limit);
  abort();
}

static void freed(const volatile void *place) {
  if (place == NULL || atomic_load(&most) == 0) return;
  atomic_fetch_sub(&live, (long)__sanitizer_get_allocated_size(place));
}

void wsl_fuzz_begin(size_t limit) {
  static int is_installed;
  if (!is_installed) {
    is_installed = 1;
    __sanitizer_install_malloc_and_free_hooks(allocated, freed);
  }
  atomic_store(&live, 0);
  atomic_store(&most, (long)limit);
}

void wsl_fuzz_end(void) { atomic_store(&most, 0); }
