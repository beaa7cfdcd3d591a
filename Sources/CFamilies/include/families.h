#ifndef WSL_FAMILIES_H
#define WSL_FAMILIES_H

#include <stddef.h>

/// The text of a file that describes a family of networks. It is not closed by a zero.
struct wsl_family_text {
  const char *name;
  const unsigned char *text;
  size_t length;
};

/// The number of files.
int wsl_family_count(void);

/// A file by its number.
struct wsl_family_text wsl_family(int index);

#endif
