/// The type of a tensor's elements, as stored.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint64 = "U64"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  case bool = "BOOL"
  /// Four bits of exponent and three of mantissa, without infinities: `float8_e4m3fn` of PyTorch and
  /// ml_dtypes.
  case float8E4M3 = "F8_E4M3"
  /// Five bits of exponent and two of mantissa, with infinities: `float8_e5m2`.
  case float8E5M2 = "F8_E5M2"
  /// `float8_e4m3fnuz`: a larger bias, and neither infinities nor a negative zero.
  case float8E4M3FNUZ = "F8_E4M3FNUZ"
  /// `float8_e5m2fnuz`.
  case float8E5M2FNUZ = "F8_E5M2FNUZ"

  /// The size of one element.
  public var byteCount: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool: 1
    case .float8E4M3, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ: 1
    }
  }

  /// Whether the elements are floating-point numbers, the only ones that are ever permuted,
  /// averaged or patched.
  public var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    case .float8E4M3, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ: true
    default: false
    }
  }

  /// Why elements of a type of another name are not read.
  package static func refusal(of name: String) -> String {
    let isComplex = name.lowercased().hasPrefix("complex") || name == "C64" || name == "C128"
    return isComplex
      ? "complex numbers (\(name)) are not read" : "elements of the type \(name) are not read"
  }

  /// Whether the elements are floating-point numbers of 8 bits, for which most containers have no
  /// type.
  public var isSmallFloat: Bool { isFloatingPoint && byteCount == 1 }
}
