import Tensors

/// Hashes of tensors' elements that tell whether two tensors hold the same numbers.
///
/// Every element is spread over 64 bits, and the results are added up: the sum does not depend on the
/// order of the elements unless their places are mixed in. Two tensors that nobody made for the purpose
/// have one hash by accident in one of 2^64 cases.
enum ContentHash {
  /// The hash of an element: of its value, whatever type it is stored in. Zeros of either sign are the same,
  /// and so is every NaN.
  @inline(__always)
  static func of(_ value: Double) -> UInt64 {
    let bits = value == 0 ? 0 : value.isNaN ? 0x7FF8_0000_0000_0000 : value.bitPattern
    return mixed(bits &+ 0x9E37_79B9_7F4A_7C15)
  }

  /// The hash of an element in its place.
  @inline(__always)
  static func placed(_ hash: UInt64, at place: Int) -> UInt64 {
    mixed(hash ^ mixed(UInt64(truncatingIfNeeded: place) &* 0xD6E8_FEB8_6659_FD93 &+ 1))
  }

  /// Spreads 64 bits (the finaliser of SplitMix64).
  @inline(__always)
  private static func mixed(_ bits: UInt64) -> UInt64 {
    var bits = bits
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}

extension ElementType {
  /// A number as this type keeps it, rounded to nearest, ties to even; as it is for types that are not
  /// floating-point.
  func rounded(_ value: Double) -> Double {
    switch self {
    case .float32: return Double(Float(value))
    case .float16: return Double(widenedHalf(narrowedToHalf(Float(value))))
    case .bfloat16:
      let bits = Float(value).bitPattern
      guard Float(value).isFinite else { return value }
      let kept = (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) & 0xFFFF_0000
      return Double(Float(bitPattern: kept))
    case .float8E4M3, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ:
      return Double(number(small: narrowedSmall(Float(value))))
    default: return value
    }
  }
}
