/* Calls of Linux that glibc hides from Swift behind _GNU_SOURCE. Each returns what the call returns,
 * and leaves its reason in errno. */
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* An unnamed file in memory, closed on exec; its descriptor, or -1. */
int clinux_memory_file(const char *label);

/* A pipe whose ends are closed on exec: to be read, to be written. */
int clinux_pipe(int ends[2]);

/* Limits a resource (RLIMIT_…) of another process, softly and hard. */
int clinux_limit(pid_t process, int resource, uint64_t value);

/* Copies bytes within the system: by sharing blocks where the file system can. Both descriptors
 * advance. Returns how many bytes were copied, or -1. */
ssize_t clinux_copy_range(int from, off_t *from_offset, int to, off_t *to_offset, size_t count);

/* Begins to write a range of a file to disk, and does not wait. */
int clinux_begin_writeback(int descriptor, off_t offset, off_t count);

/* Moves everything in a file up by so many bytes, or down by as many where that is negative and the
 * first ones go: without copying, where the file system can, and only whole blocks. */
int clinux_shift_content(int descriptor, off_t count);

/* Makes sure that a range of a file can be written, and the file that long: memory that is mapped from
 * it is otherwise a trap where the disk is full. Succeeds, too, where the file system cannot tell. */
int clinux_reserve(int descriptor, off_t offset, off_t count);

/* Shares all blocks of a file with another, empty one, where the file system can. */
int clinux_clone(int from, int to);

/* The words for an error number, always terminated. */
void clinux_message(int number, char *buffer, size_t capacity);

/* A file without a name in a folder, open for reading and writing; its descriptor, or -1, also where
 * the file system has no such files (EOPNOTSUPP, EISDIR, EINVAL). */
int clinux_unnamed_file(const char *folder);

/* Gives an unnamed file its name; fails with EEXIST where the name is taken. */
int clinux_name_file(int descriptor, const char *path);

/* Gives two files or folders each other's names at once. */
int clinux_exchange(const char *first, const char *second);

/* Renames, and fails with EEXIST where the target is already there. */
int clinux_rename_new(const char *from, const char *to);

/* Sends one message over a socket that keeps their bounds, with a few open descriptors. */
ssize_t clinux_send(
    int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count);

/* Receives one message that brings just so many descriptors, which close on exec. Returns its length;
 * 0 where the other end is closed; -1 where it is longer, or brings more or fewer descriptors. */
ssize_t clinux_receive(
    int socket, void *bytes, size_t capacity, int *descriptors, size_t descriptor_count);

/* A copy of this process, which must have one thread only: 0 there, its number here, or -1. */
pid_t clinux_fork(void);

/* Waits until a child has ended, and says how; its number stays taken until it is waited for. */
int clinux_await(pid_t process, int *was_signaled, int *value);

/* The commit that was built, as the Makefile says; empty where nobody says it. */
const char *clinux_commit(void);

#endif
