/// Texts and digests of many megabytes.
#ifndef WSL_CCODECS_H
#define WSL_CCODECS_H

#include "base64.h"
#include "sha256.h"

#endif
