/* A file driver for libhdf5 that serves a range of bytes of one descriptor, and nothing else. */
#include "CHDF5.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct window_settings {
  int descriptor;
  bool writable;
  uint64_t offset;
  uint64_t length;
};

/* What could not be written: it stays in memory until the file is closed. */
struct unwritten {
  struct unwritten *next;
  uint64_t address;
  size_t count;
  uint8_t bytes[];
};

struct window {
  H5FD_t base; /* libhdf5's part; must come first */
  struct window_settings settings;
  haddr_t end_of_addresses;
  /* Set by the first write that failed; nothing is written from there on. */
  bool has_failed;
  /* Of the library's own records, the oldest first. */
  struct unwritten *unwritten;
  struct unwritten **last_unwritten;
  /* What was read last of a file that is not written: headers are many, small, and side by side. */
  uint64_t ahead_begin;
  size_t ahead_count;
  uint8_t ahead[1 << 16];
};

/* Set only while chdf5_open_window runs on this thread: any other open, such as that of an external
 * link's target, finds it false. */
static _Thread_local bool armed = false;

/* While chdf5_locate_chunk runs: reads of raw data are noted and not done. */
static _Thread_local bool noting = false;
static _Thread_local bool noted = false;
static _Thread_local uint64_t noted_address = 0;

/* The reason of the first write that failed: of the process, whose calls of libhdf5 come one after the
 * other, from whatever thread. */
static _Atomic int write_error = 0;

int chdf5_write_error(void) { return write_error; }

int chdf5_take_write_error(void) { return atomic_exchange(&write_error, 0); }

/* Notes a failure, of which libhdf5 is not told. A file that it cannot write is one that it cannot close
 * either: it stays open, with records that are freed before, and ends the process with a signal in
 * H5F__close_cb when the library is closed at exit. So it may go on, and close the file in peace; what
 * it writes from here on is kept in memory, where it finds it again. The caller asks for the error. */
static void fail(struct window *window, int error) {
  int none = 0;
  atomic_compare_exchange_strong(&write_error, &none, error);
  window->has_failed = true;
}

static void keep(struct window *window, uint64_t address, const void *bytes, size_t count) {
  struct unwritten *record = malloc(sizeof *record + count);
  if (record == NULL) return; /* The library will read zeros, and complain of a damaged file. */
  record->next = NULL;
  record->address = address;
  record->count = count;
  memcpy(record->bytes, bytes, count);
  *window->last_unwritten = record;
  window->last_unwritten = &record->next;
}

static void add_unwritten(
    const struct window *window, uint64_t address, uint8_t *to, size_t count) {
  for (const struct unwritten *record = window->unwritten; record != NULL; record = record->next) {
    uint64_t begin = record->address > address ? record->address : address;
    uint64_t end = record->address + record->count < address + count
                     ? record->address + record->count
                     : address + count;
    if (begin < end)
      memcpy(to + (begin - address), record->bytes + (begin - record->address), end - begin);
  }
}

static void *settings_copy(const void *settings) {
  struct window_settings *copy = malloc(sizeof *copy);
  if (copy != NULL) memcpy(copy, settings, sizeof *copy);
  return copy;
}

static void *settings_of(H5FD_t *file) { return settings_copy(&((struct window *)file)->settings); }

static herr_t settings_free(void *settings) {
  free(settings);
  return 0;
}

static H5FD_t *window_open(const char *name, unsigned flags, hid_t access, haddr_t most) {
  (void)name;
  (void)most;
  if (!armed) return NULL;
  const struct window_settings *settings = H5Pget_driver_info(access);
  if (settings == NULL) return NULL;
  if ((flags & (H5F_ACC_RDWR | H5F_ACC_CREAT | H5F_ACC_TRUNC)) != 0 && !settings->writable)
    return NULL;
  struct window *window = calloc(1, sizeof *window);
  if (window == NULL) return NULL;
  window->settings = *settings;
  window->last_unwritten = &window->unwritten;
  if ((flags & H5F_ACC_TRUNC) != 0) {
    if (ftruncate(settings->descriptor, 0) != 0) {
      fail(window, errno);
      free(window);
      return NULL;
    }
    window->settings.length = 0;
  }
  return &window->base;
}

static herr_t window_close(H5FD_t *file) {
  struct unwritten *record = ((struct window *)file)->unwritten;
  while (record != NULL) {
    struct unwritten *next = record->next;
    free(record);
    record = next;
  }
  free(file);
  return 0;
}

static int window_compare(const H5FD_t *left, const H5FD_t *right) {
  const struct window_settings *a = &((const struct window *)left)->settings;
  const struct window_settings *b = &((const struct window *)right)->settings;
  if (a->descriptor != b->descriptor) return a->descriptor < b->descriptor ? -1 : 1;
  if (a->offset != b->offset) return a->offset < b->offset ? -1 : 1;
  return 0;
}

static herr_t window_query(const H5FD_t *file, unsigned long *features) {
  (void)file;
  *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE
            | H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_IGNORE_DRVRINFO;
  return 0;
}

static haddr_t window_get_eoa(const H5FD_t *file, H5FD_mem_t kind) {
  (void)kind;
  return ((const struct window *)file)->end_of_addresses;
}

static herr_t window_set_eoa(H5FD_t *file, H5FD_mem_t kind, haddr_t address) {
  (void)kind;
  ((struct window *)file)->end_of_addresses = address;
  return 0;
}

static haddr_t window_get_eof(const H5FD_t *file, H5FD_mem_t kind) {
  (void)kind;
  return ((const struct window *)file)->settings.length;
}

static bool read_fully(
    const struct window_settings *settings, uint8_t *to, size_t count, uint64_t address) {
  off_t from = (off_t)(settings->offset + address);
  while (count > 0) {
    ssize_t done = pread(settings->descriptor, to, count, from);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    to += done;
    from += done;
    count -= (size_t)done;
  }
  return true;
}

static herr_t window_read(
    H5FD_t *file, H5FD_mem_t kind, hid_t transfer, haddr_t address, size_t size, void *buffer) {
  const struct window_settings *settings = &((struct window *)file)->settings;
  uint8_t *to = buffer;
  (void)transfer;
  if (noting && kind == H5FD_MEM_DRAW) {
    noted = true;
    noted_address = address;
    return 0;
  }
  if (address > INT64_MAX || size > INT64_MAX) return -1;
  /* Addresses that were given out but never written read as zeros, as in libhdf5's own drivers. */
  size_t there = address >= settings->length           ? 0
               : size <= settings->length - address ? size
                                                    : (size_t)(settings->length - address);
  memset(to + there, 0, size - there);
  struct window *window = (struct window *)file;
  if (settings->writable) {
    /* The file may be shorter than the library believes, once it cannot be written. */
    if (!read_fully(settings, to, there, address) && !window->has_failed) return -1;
    add_unwritten(window, address, to, size);
    return 0;
  }
  if (there > sizeof window->ahead / 8)
    return read_fully(settings, to, there, address) ? 0 : -1;
  if (address < window->ahead_begin || address - window->ahead_begin > window->ahead_count
      || there > window->ahead_count - (size_t)(address - window->ahead_begin)) {
    uint64_t rest = settings->length - (there == 0 ? settings->length : address);
    size_t count = rest < sizeof window->ahead ? (size_t)rest : sizeof window->ahead;
    window->ahead_begin = address;
    window->ahead_count = 0;
    if (!read_fully(settings, window->ahead, count, address)) return -1;
    window->ahead_count = count;
  }
  memcpy(to, window->ahead + (address - window->ahead_begin), there);
  return 0;
}

static herr_t window_write(
    H5FD_t *file, H5FD_mem_t kind, hid_t transfer, haddr_t address, size_t size,
    const void *buffer) {
  struct window *window = (struct window *)file;
  struct window_settings *settings = &window->settings;
  const uint8_t *from = buffer;
  (void)transfer;
  if (!settings->writable || address > INT64_MAX || size > INT64_MAX - address) return -1;
  if (address + size > settings->length) settings->length = address + size;
  size_t rest = size;
  off_t to = (off_t)address;
  while (rest > 0 && !window->has_failed) {
    ssize_t count = pwrite(settings->descriptor, from, rest, to);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      fail(window, count < 0 ? errno : EIO);
      break;
    }
    from += count;
    to += count;
    rest -= (size_t)count;
  }
  /* Elements are not read again by whoever only closes the file. */
  if (rest > 0 && kind != H5FD_MEM_DRAW) keep(window, address, buffer, size);
  return 0;
}

static herr_t window_truncate(H5FD_t *file, hid_t transfer, hbool_t closing) {
  struct window *window = (struct window *)file;
  (void)transfer;
  (void)closing;
  if (!window->settings.writable || window->end_of_addresses == window->settings.length) return 0;
  if (!window->has_failed &&
      ftruncate(window->settings.descriptor, (off_t)window->end_of_addresses) != 0)
    fail(window, errno);
  window->settings.length = window->end_of_addresses;
  return 0;
}

static const H5FD_class_t window_class = {
    .name = "window",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(struct window_settings),
    .fapl_get = settings_of,
    .fapl_copy = settings_copy,
    .fapl_free = settings_free,
    .open = window_open,
    .close = window_close,
    .cmp = window_compare,
    .query = window_query,
    .get_eoa = window_get_eoa,
    .set_eoa = window_set_eoa,
    .get_eof = window_get_eof,
    .read = window_read,
    .write = window_write,
    .truncate = window_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

/* The access properties that hold the driver; the driver itself is registered once a thread. */
static hid_t window_access(struct window_settings settings) {
  static _Thread_local hid_t driver = -1;
  if (driver < 0 || H5Iis_valid(driver) <= 0) driver = H5FDregister(&window_class);
  if (driver < 0) return -1;
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (access >= 0 && H5Pset_driver(access, driver, &settings) < 0) {
    H5Pclose(access);
    return -1;
  }
  return access;
}

hid_t chdf5_open_window(int descriptor, uint64_t offset, uint64_t length, bool writable) {
  struct window_settings settings = {descriptor, writable, offset, length};
  if (offset > INT64_MAX || length > INT64_MAX - offset || (writable && offset != 0)) return -1;
  hid_t access = window_access(settings);
  if (access < 0) return -1;
  armed = true;
  hid_t file = H5Fopen("window", writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access);
  armed = false;
  /* Closing the properties succeeds or leaks them; the error stack must stay that of the open. */
  if (file >= 0) H5Pclose(access);
  return file;
}

hid_t chdf5_create_window(int descriptor, hid_t creation) {
  struct window_settings settings = {descriptor, true, 0, 0};
  hid_t access = window_access(settings);
  if (access < 0) return -1;
  armed = true;
  hid_t file = H5Fcreate("window", H5F_ACC_TRUNC, creation, access);
  armed = false;
  if (file >= 0) H5Pclose(access);
  return file;
}

hid_t chdf5_create_compact_window(int descriptor, hid_t creation) {
  struct window_settings settings = {descriptor, true, 0, 0};
  hid_t access = window_access(settings);
  if (access < 0) return -1;
  hid_t file = -1;
  /* Without room set aside for what might come. */
  if (H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST) >= 0 &&
      H5Pset_meta_block_size(access, 0) >= 0 && H5Pset_small_data_block_size(access, 0) >= 0) {
    armed = true;
    file = H5Fcreate("window", H5F_ACC_TRUNC, creation, access);
    armed = false;
  }
  if (file >= 0) H5Pclose(access);
  return file;
}

static herr_t find_absence(unsigned index, const H5E_error2_t *error, void *data) {
  (void)index;
  (void)data;
  return error->desc != NULL && strstr(error->desc, "storage is not allocated") != NULL;
}

int chdf5_locate_chunk(
    hid_t dataset, const hsize_t *origin, uint64_t *address, uint64_t *size, uint32_t *mask) {
  hsize_t stored = 0;
  uint8_t untouched[1]; /* the driver writes nothing while it notes */
  if (H5Dget_chunk_storage_size(dataset, origin, &stored) < 0) {
    /* Releases of 1.10 fail where the block is absent, and tell it from damage by words alone. */
    char reason[64];
    if (H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, find_absence, NULL) != 1) return -1;
    chdf5_take_error(reason, sizeof reason);
    return 0;
  }
  if (stored == 0) return 0;
  noting = true;
  noted = false;
  herr_t status = H5Dread_chunk(dataset, H5P_DEFAULT, origin, mask, untouched);
  noting = false;
  if (status < 0 || !noted) return -1;
  *address = noted_address;
  *size = stored;
  return 1;
}
