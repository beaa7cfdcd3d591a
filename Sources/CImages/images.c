#include "CImages.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#if __has_include(<jconfig.h>)
#include <jconfig.h>
#endif

static void say(char *message, const char *text) {
  snprintf(message, IMAGES_MESSAGE_SIZE, "%s", text);
}

static bool is_png(const uint8_t *bytes, size_t count) {
  return count > 8 && png_sig_cmp(bytes, 0, 8) == 0;
}

static bool is_jpeg(const uint8_t *bytes, size_t count) {
  return count > 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF;
}

bool images_is_known(const uint8_t *bytes, size_t count) {
  return is_png(bytes, count) || is_jpeg(bytes, count);
}

const char *images_png_version(void) { return png_get_libpng_ver(NULL); }

#define IMAGES_TEXT(word) #word
#define IMAGES_TEXT_OF(word) IMAGES_TEXT(word)

const char *images_jpeg_version(void) {
#ifdef LIBJPEG_TURBO_VERSION
  return IMAGES_TEXT_OF(LIBJPEG_TURBO_VERSION);
#else
  return "of unknown version";
#endif
}

// MARK: PNG

typedef struct {
  const uint8_t *bytes;
  size_t count;
  size_t place;
} source;

static void read_source(png_structp png, png_bytep into, size_t count) {
  source *from = png_get_io_ptr(png);
  if (count > from->count - from->place) png_error(png, "the file ends in the middle");
  memcpy(into, from->bytes + from->place, count);
  from->place += count;
}

static void raise_error(png_structp png, png_const_charp text) {
  say(png_get_error_ptr(png), text);
  png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

/// The header alone where `pixels` is null.
static bool read_png(const uint8_t *bytes, size_t count, images_header *header, int channels,
                     uint8_t *pixels, size_t capacity, char *message) {
  source from = {bytes, count, 0};
  png_structp png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, message, raise_error, ignore_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  png_bytep *volatile rows = NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    say(message, "there is no memory to read it");
    return false;
  }
  if (setjmp(png_jmpbuf(png))) {
    free((void *)rows);
    png_destroy_read_struct(&png, &info, NULL);
    return false;
  }
  png_set_user_limits(png, 1 << 15, 1 << 15);
  png_set_chunk_malloc_max(png, 8 << 20);
  png_set_read_fn(png, &from, read_source);
  png_read_info(png, info);
  const png_byte colour = png_get_color_type(png, info);
  const bool is_grey = !(colour & PNG_COLOR_MASK_COLOR);
  header->width = png_get_image_width(png, info);
  header->height = png_get_image_height(png, info);
  header->channels = is_grey ? 1 : 3;
  if (is_grey && png_get_bit_depth(png, info) > 8) png_error(png, "it is grey in 16 bits");
  if (pixels) {
    const size_t stride = (size_t)header->width * (size_t)channels;
    if ((channels != 1 && channels != 3) || (channels == 1 && !is_grey) ||
        stride * header->height > capacity)
      png_error(png, "it does not fit");
    png_set_expand(png);
    png_set_strip_16(png);
    png_set_strip_alpha(png);
    if (is_grey && channels == 3) png_set_gray_to_rgb(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != stride) png_error(png, "its rows are of another length");
    rows = malloc(header->height * sizeof(png_bytep));
    if (!rows) png_error(png, "there is no memory to read it");
    for (uint32_t row = 0; row < header->height; row++) rows[row] = pixels + row * stride;
    png_read_image(png, rows);
    png_read_end(png, NULL);
  }
  free((void *)rows);
  png_destroy_read_struct(&png, &info, NULL);
  return true;
}

// MARK: JPEG

static bool read_jpeg(const uint8_t *bytes, size_t count, images_header *header, int channels,
                      uint8_t *pixels, size_t capacity, char *message) {
  tjhandle handle = tjInitDecompress();
  if (!handle) {
    say(message, "there is no memory to read it");
    return false;
  }
  int width = 0, height = 0, sampling = 0, space = 0;
  bool is_read = tjDecompressHeader3(handle, bytes, (unsigned long)count, &width, &height,
                                     &sampling, &space) == 0;
  if (is_read && (space == TJCS_CMYK || space == TJCS_YCCK)) {
    tjDestroy(handle);
    say(message, "it is of four colours for print");
    return false;
  }
  if (is_read && (width < 1 || height < 1 || width > 1 << 15 || height > 1 << 15)) {
    tjDestroy(handle);
    say(message, "it is too large");
    return false;
  }
  if (is_read) {
    header->width = (uint32_t)width;
    header->height = (uint32_t)height;
    header->channels = space == TJCS_GRAY ? 1 : 3;
  }
  if (is_read && pixels) {
    if ((channels != 1 && channels != 3) ||
        (size_t)width * (size_t)height * (size_t)channels > capacity) {
      tjDestroy(handle);
      say(message, "it does not fit");
      return false;
    }
    is_read = tjDecompress2(handle, bytes, (unsigned long)count, pixels, width, 0, height,
                            channels == 1 ? TJPF_GRAY : TJPF_RGB, 0) == 0;
  }
  if (!is_read) say(message, tjGetErrorStr2(handle));
  tjDestroy(handle);
  return is_read;
}

static bool read_image(const uint8_t *bytes, size_t count, images_header *header, int channels,
                       uint8_t *pixels, size_t capacity, char *message) {
  if (is_png(bytes, count))
    return read_png(bytes, count, header, channels, pixels, capacity, message);
  if (is_jpeg(bytes, count))
    return read_jpeg(bytes, count, header, channels, pixels, capacity, message);
  say(message, "it is neither a PNG nor a JPEG file");
  return false;
}

bool images_read_header(const uint8_t *bytes, size_t count, images_header *header, char *message) {
  return read_image(bytes, count, header, 0, NULL, 0, message);
}

bool images_decode(const uint8_t *bytes, size_t count, int channels, uint8_t *pixels,
                   size_t capacity, char *message) {
  images_header header;
  return read_image(bytes, count, &header, channels, pixels, capacity, message);
}
