#include "CLinux.h"

/* The Makefile writes this file before each build. It is no part of the repository, and a build without
 * make may find an old one or none. */
#if __has_include("commit.h")
#include "commit.h"
#else
#define WSL_COMMIT ""
#endif

const char *clinux_commit(void) { return WSL_COMMIT; }
