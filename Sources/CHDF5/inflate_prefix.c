#include "CHDF5.h"

#include <string.h>
#include <zlib.h>

ptrdiff_t chdf5_inflate_prefix(
    const uint8_t *stored, size_t stored_count, uint8_t *bytes, size_t count) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  /* Negative: raw deflate, without a zlib header. */
  if (inflateInit2(&stream, -15) != Z_OK) return -1;
  stream.next_in = (Bytef *)stored;
  stream.avail_in = (uInt)stored_count;
  stream.next_out = bytes;
  stream.avail_out = (uInt)count;
  int status = inflate(&stream, Z_SYNC_FLUSH);
  size_t written = count - stream.avail_out;
  inflateEnd(&stream);
  if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return -1;
  return (ptrdiff_t)written;
}

uint32_t chdf5_join_crc32(uint32_t first, uint32_t second, size_t second_count) {
  return (uint32_t)crc32_combine(first, second, (z_off_t)second_count);
}
