/* What Swift needs of libhdf5 beyond its plain functions: the constants that are macros, a file
 * driver that cannot leave one open descriptor, and the two byte filters of the format. */
#ifndef CHDF5_H
#define CHDF5_H

#include <hdf5/serial/hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- Constants ------------------------------------------------------------------------------- */

static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_read_write(void) { return H5F_ACC_RDWR; }
static inline hid_t chdf5_dataset_create_class(void) { return H5P_DATASET_CREATE; }
static inline hid_t chdf5_group_create_class(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_link_create_class(void) { return H5P_LINK_CREATE; }
static inline hid_t chdf5_file_create_class(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }
static inline hid_t chdf5_float64(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_int32(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_int16(void) { return H5T_STD_I16LE; }
static inline hid_t chdf5_int8(void) { return H5T_STD_I8LE; }
static inline hid_t chdf5_uint64(void) { return H5T_STD_U64LE; }
static inline hid_t chdf5_uint32(void) { return H5T_STD_U32LE; }
static inline hid_t chdf5_uint16(void) { return H5T_STD_U16LE; }
static inline hid_t chdf5_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_null_space(void) { return H5Screate(H5S_NULL); }
static inline size_t chdf5_variable_length(void) { return H5T_VARIABLE; }
static inline uint64_t chdf5_undefined_address(void) { return HADDR_UNDEF; }

/* Turns off everything that libhdf5 would print, load or do at the end of the process: error stacks,
 * filter plug-ins, closing what is open. The error setting belongs to the calling thread. Comes before
 * every other call. */
void chdf5_silence(void);

/* The most specific message of the current error stack, into `buffer`, always terminated. Returns
 * its length; 0 when there is no error. Clears the stack. */
size_t chdf5_take_error(char *buffer, size_t capacity);

/* --- Writing ---------------------------------------------------------------------------------- */

/* Adds filter 32015, zstd, to a data set's creation properties. Its blocks must be written compressed
 * (H5Dwrite_chunk): the filter is only a name here. */
int chdf5_add_zstd(hid_t properties, unsigned level);

/* Gives a data set its place in the file when it is made, and leaves the bytes there to the caller. */
int chdf5_place_early(hid_t properties);

/* Blocks are written whole: nothing is filled in before. */
int chdf5_never_fill(hid_t properties);

/* --- The window driver ----------------------------------------------------------------------- */

/* Opens the HDF5 file that lies in the bytes [offset, offset + length) of an open descriptor.
 * Nothing else is ever opened: the driver refuses every further name, so that external links lead
 * nowhere. A writable window must begin at 0; it may grow. The descriptor stays the caller's.
 * Returns a file identifier, or a negative number. */
hid_t chdf5_open_window(int descriptor, uint64_t offset, uint64_t length, bool writable);

/* Makes an empty HDF5 file in an open, empty descriptor, with the given creation properties. */
hid_t chdf5_create_window(int descriptor, hid_t creation);

/* The same in the newest layout that this libhdf5 has, whose headers and chunk indexes take a fraction
 * of the room. */
hid_t chdf5_create_compact_window(int descriptor, hid_t creation);

/* The error number of the first write to a window that failed, or 0. libhdf5 itself is told that all
 * writes succeed, so that it can always close its file: whoever writes asks here after every call, and
 * once more after the file is closed. */
int chdf5_write_error(void);

/* The same, and forgets it. */
int chdf5_take_write_error(void);

/* Where the block of a chunked data set whose first element is at `origin` is stored: its address in
 * the window, its stored size, and the mask of filters that were not applied. No data is read, and
 * it takes one descent of the chunk index (H5Dget_chunk_info_by_coord of 1.10 walks all of it).
 * Returns 1, or 0 where the block is not allocated, or a negative number. */
int chdf5_locate_chunk(
    hid_t dataset, const hsize_t *origin, uint64_t *address, uint64_t *size, uint32_t *mask);

/* --- The format's byte filters --------------------------------------------------------------- */

/* Filter 2, shuffle: byte k of all elements is gathered in plane k. Bytes beyond the last whole
 * element stay as they are. `from` and `to` do not overlap. */
void chdf5_shuffle(const uint8_t *from, uint8_t *to, size_t byte_count, size_t element_size);
void chdf5_unshuffle(const uint8_t *from, uint8_t *to, size_t byte_count, size_t element_size);

/* Filter 3, Fletcher's checksum over 16-bit words, most significant byte first. */
uint32_t chdf5_fletcher32(const uint8_t *bytes, size_t byte_count);

/* The first bytes that a raw deflate stream decompresses to, at most `count`; how many they are, or -1
 * where the stream is damaged. Both counts are below 4 GiB. */
ptrdiff_t chdf5_inflate_prefix(
    const uint8_t *stored, size_t stored_count, uint8_t *bytes, size_t count);

/* The CRC-32 of two runs of bytes together, from the sums of each. */
uint32_t chdf5_join_crc32(uint32_t first, uint32_t second, size_t second_count);

/* --- Codecs ---------------------------------------------------------------------------------- */

/* A zlib stream and where it is inflated to. */
struct chdf5_zlib_block {
  const uint8_t *in; /* 16 more bytes can be read behind its end */
  size_t in_count;
  uint8_t *out;
  size_t out_count;
  void *workspace; /* of the first block: chdf5_inflate_workspace() bytes, aligned to 8 */
  uint32_t checksum; /* the Adler-32 that the stream claims; not compared here */
  bool is_done; /* whether exactly `out_count` bytes came out */
};

/* Inflates two streams at once, 1.5 to 2 times as fast as one after the other where they are mostly
 * literals or short matches, as those of weights are, shuffled or not. Blocks that are not done are to be inflated in another way:
 * they are damaged, or use something rare. Returns whether both are done. */
bool chdf5_inflate_pair(struct chdf5_zlib_block block[2]);
size_t chdf5_inflate_workspace(void);

/* Bitshuffle of `count` elements, a multiple of 8: bit j of byte k of all elements is gathered in
 * row 8 k + j. `scratch` holds as many bytes as the elements. */
void chdf5_bitshuffle(
    const uint8_t *from, uint8_t *to, uint8_t *scratch, size_t count, size_t element_size);
void chdf5_bitunshuffle(
    const uint8_t *from, uint8_t *to, uint8_t *scratch, size_t count, size_t element_size);

/* LZF, as h5py has it. Both return the size of the result; 0 where the stream is damaged or does
 * not fit, or where compressing gains nothing. */
size_t chdf5_lzf_decompress(const uint8_t *from, size_t from_count, uint8_t *to, size_t to_count);
size_t chdf5_lzf_compress(const uint8_t *from, size_t from_count, uint8_t *to, size_t to_count);

#endif
