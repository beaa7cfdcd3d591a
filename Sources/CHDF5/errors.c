#include "CHDF5.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

void chdf5_silence(void) {
  static _Atomic bool is_known = false;
  if (!atomic_exchange(&is_known, true)) H5dont_atexit();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5PLset_loading_state(0);
}

struct innermost {
  char *buffer;
  size_t capacity;
};

/* Walking downwards goes from the failed call to its cause; the last description is the cause. */
static herr_t keep_last(unsigned index, const H5E_error2_t *error, void *data) {
  struct innermost *found = data;
  (void)index;
  if (error->desc != NULL && error->desc[0] != '\0')
    snprintf(found->buffer, found->capacity, "%s", error->desc);
  return 0;
}

size_t chdf5_take_error(char *buffer, size_t capacity) {
  struct innermost found = {buffer, capacity};
  if (capacity == 0) return 0;
  buffer[0] = '\0';
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_last, &found);
  H5Eclear2(H5E_DEFAULT);
  return strlen(buffer);
}
