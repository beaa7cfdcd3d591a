/// Inner loops of patching: what signatures add to elements, and the residues that undo it.
///
/// Elements that nothing is added to (`keep` is 1 and the addend -0) are left as they are and have no
/// residue. Of every other element the residue says how far the true old value is, in steps from one
/// stored number to the next and in zigzag order, from the one predicted of the new value.
#ifndef WSL_CPATCHING_H
#define WSL_CPATCHING_H

#include <CElements.h>

#include <stdint.h>

/// The values of codes, `factor * ((code - zero) * step)`, and -0 for the code of zero: added to
/// `sums`, or written over them.
///
/// Codes are one or two in a byte, the first in its low bits; `first` is the place of the first one.
void wsl_decode_codes(
  const uint8_t *codes, int64_t first, int32_t codesPerByte, int32_t zero, double step,
  double factor, int32_t overwrites, double *sums, int64_t count);

/// The same of little-endian Float32 values.
void wsl_decode_floats(
  const void *values, double factor, int32_t overwrites, double *sums, int64_t count);

/// Patches elements in place: `keep * old + add`, rounded once; what is not finite stays.
///
/// Each residue becomes a symbol, 0 to 3; 3 stands for 3 or more, and what is more follows in
/// `escapes` as LEB128, for which there must be 10 bytes an element. The end of it is moved.
/// Up to eight bytes beyond the symbols are written over. Returns the number of symbols.
int64_t wsl_patch_elements(
  WSLElementType type, void *elements, const double *add, double keep, int64_t count,
  uint8_t *symbols, uint8_t **escapes);

/// Undoes `wsl_patch_elements`; the beginnings of symbols and escapes are moved.
///
/// Returns 0, or 1 where there are too few of them.
int32_t wsl_restore_elements(
  WSLElementType type, void *elements, const double *add, double keep, int64_t count,
  const uint8_t **symbols, const uint8_t *symbolsEnd, const uint8_t **escapes,
  const uint8_t *escapesEnd);

/// Puts four symbols into a byte, the first in its low bits; the last byte is filled up with zeros.
void wsl_pack_symbols(const uint8_t *symbols, int64_t count, uint8_t *packed);

/// Takes symbols out of bytes.
void wsl_unpack_symbols(const uint8_t *packed, int64_t count, uint8_t *symbols);

#endif
