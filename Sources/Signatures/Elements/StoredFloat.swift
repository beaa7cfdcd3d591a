/// A floating-point type as files store it: its bits, and its numbers as Float64.
protocol StoredFloat {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable
  /// The number, exactly.
  static func double(_ bits: Bits) -> Double
  /// The nearest number of this type, rounded once, ties to even.
  static func bits(_ value: Double) -> Bits
}

enum StoredDouble: StoredFloat {
  @inline(__always) static func double(_ bits: UInt64) -> Double { Double(bitPattern: bits) }
  @inline(__always) static func bits(_ value: Double) -> UInt64 { value.bitPattern }
}

enum StoredSingle: StoredFloat {
  @inline(__always) static func double(_ bits: UInt32) -> Double {
    Double(Float(bitPattern: bits))
  }
  @inline(__always) static func bits(_ value: Double) -> UInt32 { Float(value).bitPattern }
}

enum StoredBrainFloat: StoredFloat {
  @inline(__always) static func double(_ bits: UInt16) -> Double {
    Double(Float(bitPattern: UInt32(bits) << 16))
  }
  @inline(__always) static func bits(_ value: Double) -> UInt16 {
    let short = roundedToGrid(value, fractionBits: 7, leastExponent: -126)
    return UInt16(truncatingIfNeeded: Float(short).bitPattern >> 16)
  }
}

enum StoredHalf: StoredFloat {
  @inline(__always) static func double(_ bits: UInt16) -> Double {
    let magnitude = UInt32(bits & 0x7FFF) << 13
    let sign = UInt32(bits & 0x8000) << 16
    // The exponent is re-biased by a multiplication, which also normalises subnormals.
    let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
    let special = magnitude | 0x7F80_0000
    return Double(Float(bitPattern: (magnitude >= 0x0F80_0000 ? special : scaled) | sign))
  }
  @inline(__always) static func bits(_ value: Double) -> UInt16 {
    let short = roundedToGrid(value, fractionBits: 10, leastExponent: -14)
    let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 48) & 0x8000
    let magnitude = abs(short)
    if magnitude.isNaN { return sign | 0x7E00 }
    if magnitude >= 0x1p16 { return sign | 0x7C00 }
    if magnitude < 0x1p-14 { return sign | UInt16(magnitude * 0x1p24) }
    let bits = Float(magnitude).bitPattern
    return sign | UInt16(truncatingIfNeeded: (bits >> 13) - (112 << 10))
  }
}

/// The nearest number with so many bits after the leading one, ties to even: a number whose unit in
/// the last place is the wanted one is added and taken off again. Exact for fewer than 50 bits.
@inline(__always)
private func roundedToGrid(
  _ value: Double, fractionBits: Int, leastExponent: Int
) -> Double {
  let raw = Int(value.bitPattern >> 52 & 0x7FF) - 1023
  if raw == 1024 { return value }
  let exponent = max(raw, leastExponent)
  let unit = Double(bitPattern: UInt64(exponent - fractionBits + 52 + 1023) << 52) * 1.5
  let rounded = (value + unit) - unit
  return Double(
    bitPattern: rounded.bitPattern & ~(1 << 63) | value.bitPattern & (1 << 63))
}

/// Bits in the order of the numbers they stand for, so that neighbours differ by one.
@inline(__always)
func ordered<Bits: FixedWidthInteger & UnsignedInteger>(_ bits: Bits) -> Bits {
  let sign: Bits = 1 << (Bits.bitWidth - 1)
  return bits & sign != 0 ? ~bits : bits | sign
}
