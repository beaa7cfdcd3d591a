import Support

/// A uniform grid of levels of which one is exactly zero: code `c` stands for `(c - zero) · step`.
///
/// A grid that is made reaches over all values; where two levels have to do for both signs, over the
/// side that goes further. Extraction then fits its step to the values.
public struct Grid: Sendable, Hashable {
  /// How many levels there are, 2 to 256.
  public var levels: Int
  /// The code of zero.
  public var zero: Int
  /// The distance of two levels, in the unit of the weights.
  public var step: Float

  /// The numbers of levels that there can be.
  public static let levelRange = 2...256

  /// Makes the finest grid for values between two bounds.
  ///
  /// - Parameters:
  ///   - least: the least value, or zero.
  ///   - largest: the largest value, or zero.
  /// - Throws: `Diagnostic` of code `usage` where there cannot be so many levels.
  public init(least: Double, largest: Double, levels: Int) throws {
    guard Grid.levelRange.contains(levels) else {
      throw Diagnostic(
        .usage, "there are 2 to 256 levels, not \(levels)",
        remedy: "give \(setting: .levels) 8, or \(setting: .levels) none for dense values")
    }
    self.levels = levels
    let (below, above) = (max(0, -least), max(0, largest))
    var best = (zero: above >= below ? 0 : levels - 1, step: Double.infinity)
    for zero in 0..<levels {
      let rest = levels - 1 - zero
      if (zero == 0 && below > 0) || (rest == 0 && above > 0) { continue }
      let step = max(
        zero == 0 ? 0 : below / Double(zero), rest == 0 ? 0 : above / Double(rest))
      if step < best.step { best = (zero, step) }
    }
    if best.step == .infinity { best.step = max(below, above) / Double(levels - 1) }
    zero = best.zero
    // Rounded up, so that the ends stay on the grid.
    let rounded = Float(best.step)
    step = Double(rounded) < best.step ? rounded.nextUp : rounded
  }

  /// Takes over a grid that was read, unchecked.
  init(levels: Int, zero: Int, step: Float) {
    self.levels = levels
    self.zero = zero
    self.step = step
  }

  /// Checks a grid that was read.
  func check() throws {
    guard Grid.levelRange.contains(levels), (0..<levels).contains(zero), step.isFinite, step >= 0
    else { throw Diagnostic(.badData, "its grid makes no sense") }
  }

  /// Where zero ends, in steps: beyond the half, for what is nearly zero costs most to store and does
  /// least. On signatures of small networks, with the step of the farthest values, a quarter of the
  /// bytes go and the squared error grows from 0.19 to 0.24 of the signature's; a fitted step takes
  /// that back.
  static let zeroReach = 0.7

  /// The code of the nearest level, ties to even; of zero up to seven tenths of a step.
  public func code(of value: Double) -> UInt8 {
    let steps = value / Double(step)
    guard step > 0, abs(steps) > Grid.zeroReach else { return UInt8(zero) }
    let level = steps.rounded(.toNearestOrEven) + Double(zero)
    return UInt8(min(max(level, 0), Double(levels - 1)))
  }

  /// How many codes are in a byte, the first in its low bits: two, where they fit.
  public var codesPerByte: Int { levels <= 16 ? 2 : 1 }

  /// Codes as they are stored.
  func packed(_ codes: [UInt8]) -> [UInt8] {
    guard codesPerByte == 2 else { return codes }
    return stride(from: 0, to: codes.count, by: 2).map { index in
      codes[index] | (index + 1 < codes.count ? codes[index + 1] << 4 : 0)
    }
  }

  /// The codes that `packed` stored.
  func unpacked(_ bytes: UnsafeRawBufferPointer, count: Int) -> [UInt8] {
    guard codesPerByte == 2 else { return Array(bytes) }
    return (0..<count).map { bytes[$0 / 2] >> (UInt8($0 & 1) * 4) & 15 }
  }

  /// The value of a code.
  public func value(of code: UInt8) -> Double { Double(Int(code) - zero) * Double(step) }
}
