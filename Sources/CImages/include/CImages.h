// PNG through libpng and JPEG through libturbojpeg, from memory, in 8 bits a channel.
//
// Errors of the libraries come back as a message. Nothing is allocated by a size that a file states: the
// caller reads the size, decides, and gives the memory.
#ifndef WSL_CIMAGES_H
#define WSL_CIMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The room that a message needs.
#define IMAGES_MESSAGE_SIZE 160

typedef struct {
  uint32_t width;
  uint32_t height;
  /// 1 for grey, 3 for colour; transparency is not counted.
  int channels;
} images_header;

/// Whether the bytes begin like a PNG or a JPEG file.
bool images_is_known(const uint8_t *bytes, size_t count);

/// Reads what a PNG or JPEG file says of itself. False with a message where it is none or is damaged.
bool images_read_header(const uint8_t *bytes, size_t count, images_header *header, char *message);

/// Decodes an image into `height` rows of `width` pixels of `channels` bytes: 1 for an image that is grey, 3
/// for any. Transparency is left out. False with a message where the file is damaged.
bool images_decode(const uint8_t *bytes, size_t count, int channels, uint8_t *pixels,
                   size_t capacity, char *message);

/// The version of libpng that is there.
const char *images_png_version(void);

/// The version of libturbojpeg that the headers are of, as it tells none when it runs.
const char *images_jpeg_version(void);

#endif
