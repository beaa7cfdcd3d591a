#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

int clinux_memory_file(const char *label) { return memfd_create(label, MFD_CLOEXEC); }

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int clinux_limit(pid_t process, int resource, uint64_t value) {
  struct rlimit limit = {value, value};
  return prlimit(process, resource, &limit, NULL);
}

ssize_t clinux_copy_range(int from, off_t *from_offset, int to, off_t *to_offset, size_t count) {
  return copy_file_range(from, from_offset, to, to_offset, count, 0);
}

int clinux_begin_writeback(int descriptor, off_t offset, off_t count) {
  return sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}

int clinux_shift_content(int descriptor, off_t count) {
  return count < 0 ? fallocate(descriptor, FALLOC_FL_COLLAPSE_RANGE, 0, -count)
                   : fallocate(descriptor, FALLOC_FL_INSERT_RANGE, 0, count);
}

int clinux_reserve(int descriptor, off_t offset, off_t count) {
  int status;
  do status = fallocate(descriptor, 0, offset, count);
  while (status != 0 && errno == EINTR);
  return status != 0 && errno == EOPNOTSUPP ? 0 : status;
}

int clinux_clone(int from, int to) { return ioctl(to, FICLONE, from); }

void clinux_message(int number, char *buffer, size_t capacity) {
  const char *text = strerrordesc_np(number);
  snprintf(buffer, capacity, "%s", text == NULL ? "unknown error" : text);
}

int clinux_unnamed_file(const char *folder) {
  return open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
}

int clinux_name_file(int descriptor, const char *path) {
  char own[64];
  snprintf(own, sizeof own, "/proc/self/fd/%d", descriptor);
  return linkat(AT_FDCWD, own, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

int clinux_rename_new(const char *from, const char *to) {
  int status = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
  if (status == 0 || (errno != EINVAL && errno != ENOSYS)) return status;
  /* A file system without the flag: a link fails where the target is there, too. */
  if (link(from, to) != 0) return -1;
  return unlink(from);
}
