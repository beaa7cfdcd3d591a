/* Filter 32015 as a name: libhdf5 takes a filter into a file only when it knows it. Blocks are
 * compressed by the caller and written as they are, so that the filter is never run here. */
#include "CHDF5.h"

static size_t never(
    unsigned flags, size_t count, const unsigned values[], size_t bytes, size_t *size,
    void **buffer) {
  (void)flags, (void)count, (void)values, (void)bytes, (void)size, (void)buffer;
  return 0;
}

int chdf5_add_zstd(hid_t properties, unsigned level) {
  static const H5Z_class2_t filter = {
      H5Z_CLASS_T_VERS, 32015, 1, 1, "Zstandard compression: http://www.zstd.net", NULL, NULL,
      never,
  };
  if (H5Zfilter_avail(32015) <= 0) {
    H5Eclear2(H5E_DEFAULT);
    if (H5Zregister(&filter) < 0) return -1;
  }
  return H5Pset_filter(properties, 32015, H5Z_FLAG_MANDATORY, 1, &level);
}

int chdf5_place_early(hid_t properties) {
  if (H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY) < 0) return -1;
  return H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER);
}

int chdf5_never_fill(hid_t properties) { return H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER); }
