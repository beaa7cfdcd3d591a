/// Numbers of few bits, in blocks with scales of their own, as ggml stores them.
///
/// The reference is `gguf.quants.dequantize` of the package gguf, whose results are the same bit for
/// bit: every product and every sum is rounded to Float32 on its own.
#ifndef WSL_DEQUANTISE_H
#define WSL_DEQUANTISE_H

#include <stdint.h>

/// The types of blocks that are read.
typedef enum {
  WSLBlockQ4_0,
  WSLBlockQ4_1,
  WSLBlockQ5_0,
  WSLBlockQ5_1,
  WSLBlockQ8_0,
  WSLBlockQ2_K,
  WSLBlockQ3_K,
  WSLBlockQ4_K,
  WSLBlockQ5_K,
  WSLBlockQ6_K
} WSLBlockType;

/// How many numbers a block has, and how many bytes it takes.
typedef struct {
  int32_t count, byteCount;
} WSLBlockSize;

WSLBlockSize wsl_block_size(WSLBlockType type);

/// Converts whole blocks to Float32.
///
/// - Parameters:
///   - isBigEndian: whether the scales of 16 bits are stored most significant byte first.
///   - blocks: `count` blocks.
///   - values: room for their numbers.
void wsl_dequantise(
  WSLBlockType type, int32_t isBigEndian, const uint8_t *blocks, float *values, int64_t count);

#endif
