/// Base 64 with the usual alphabet and padding (RFC 4648), for texts of many megabytes.
#ifndef WSL_BASE64_H
#define WSL_BASE64_H

#include <stdint.h>

/// Writes the text of `count` bytes: four letters for three bytes, for what is left over, too.
///
/// Returns the number of letters.
int64_t wsl_base64_encode(const uint8_t *bytes, int64_t count, uint8_t *text);

/// Writes the bytes of a text, for which there must be room for three quarters of its length.
///
/// Returns their number, or -1 where the text is no base 64.
int64_t wsl_base64_decode(const uint8_t *text, int64_t count, uint8_t *bytes);

/// How many letters of base 64, with at most two of padding, a text begins with.
int64_t wsl_base64_span(const uint8_t *text, int64_t count);

#endif
