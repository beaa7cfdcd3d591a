#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The most descriptors that one message carries. */
enum { most_descriptors = 4 };

/* Room for them in a message, aligned as its header asks. */
union control {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(most_descriptors * sizeof(int))];
};

ssize_t clinux_send(
    int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count) {
  union control control;
  struct iovec part = {(void *)bytes, count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (descriptor_count > most_descriptors) {
    errno = EINVAL;
    return -1;
  }
  if (descriptor_count > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(descriptor_count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptor_count * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, descriptor_count * sizeof(int));
  }
  ssize_t sent;
  do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent;
}

ssize_t clinux_receive(
    int socket, void *bytes, size_t capacity, int *descriptors, size_t descriptor_count) {
  union control control;
  struct iovec part = {bytes, capacity};
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  ssize_t received;
  do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (received < 0 && errno == EINTR);
  if (received <= 0) return received;
  int found[most_descriptors];
  size_t found_count = 0;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    found_count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(found, CMSG_DATA(header), found_count * sizeof(int));
  }
  if (found_count == descriptor_count && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0) {
    memcpy(descriptors, found, found_count * sizeof(int));
    return received;
  }
  for (size_t index = 0; index < found_count; index++) close(found[index]);
  errno = EBADMSG;
  return -1;
}

pid_t clinux_fork(void) { return fork(); }

int clinux_await(pid_t process, int *was_signaled, int *value) {
  siginfo_t information;
  int status;
  do status = waitid(P_PID, (id_t)process, &information, WEXITED | WNOWAIT);
  while (status != 0 && errno == EINTR);
  if (status != 0) return -1;
  *was_signaled = information.si_code != CLD_EXITED;
  *value = information.si_status;
  return 0;
}
