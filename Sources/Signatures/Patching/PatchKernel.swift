/// The arithmetic of patching: `θ' = keep · θ + add` in Float64, rounded once, and its exact undoing.
///
/// What is undone is predicted from the patched number alone; the record holds how far, in steps from
/// one stored number to the next, the truth is from the prediction. So every bit comes back, whatever
/// was rounded. Numbers that are not finite are left as they are, bit for bit.
///
/// Files are patched by `wsl_patch_elements` and restored by its counterpart; this restores what
/// records of version 1 hold.
enum PatchKernel {
  /// Restores elements in place.
  ///
  /// - Parameters:
  ///   - bytes: little-endian elements.
  ///   - add: what was added to each; -0 where nothing was.
  ///   - keep: the share of the old value that stayed; 1 where something was added to it.
  ///   - residues: for each element how far it was from its prediction, in zigzag order.
  @inline(__always)
  static func restore<Stored: StoredFloat>(
    _: Stored.Type, _ bytes: UnsafeMutableRawBufferPointer, add: UnsafePointer<Double>,
    keep: Double, residues: UnsafePointer<Stored.Bits>
  ) {
    let size = MemoryLayout<Stored.Bits>.size
    let inverse = keep == 0 ? 0 : 1 / keep
    for index in 0..<(bytes.count / size) {
      let new = bytes.loadUnaligned(fromByteOffset: index * size, as: Stored.Bits.self)
      let guess = predicted(Stored.self, new, add[index], keep, inverse)
      let coded = residues[index]
      let distance = (coded >> 1) ^ (0 &- (coded & 1))
      let old = unordered(ordered(guess) &+ distance)
      bytes.storeBytes(of: old, toByteOffset: index * size, as: Stored.Bits.self)
    }
  }

  @inline(__always)
  private static func predicted<Stored: StoredFloat>(
    _: Stored.Type, _ patched: Stored.Bits, _ add: Double, _ keep: Double, _ inverse: Double
  ) -> Stored.Bits {
    let value = Stored.double(patched)
    let guess = Stored.bits((value - add) * inverse)
    return value.isFinite && keep != 0 ? guess : patched
  }
}
