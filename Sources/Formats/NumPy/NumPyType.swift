import Tensors

/// The type that a descriptor of NumPy names: `<f4`, `|b1`, `>i8`.
///
/// Specification: the array interface of NumPy, `typestr`.
struct NumPyType {
  /// The type of the elements; nil where they are not read.
  var elementType: ElementType?
  /// Whether they are stored most significant byte first.
  var isBigEndian: Bool
  /// The size of one element; nil where the descriptor does not tell.
  var byteCount: Int?
  /// What they are, where they are not read.
  var refusal = ""
  /// Whether they may be weights: not texts, not dates.
  var mayBeWeight = true

  private static let read: [String: ElementType] = [
    "f8": .float64, "f4": .float32, "f2": .float16, "i8": .int64, "i4": .int32, "i2": .int16,
    "i1": .int8, "u8": .uint64, "u4": .uint32, "u2": .uint16, "u1": .uint8, "b1": .bool,
    "?": .bool,
  ]

  /// Classifies a descriptor. No descriptor is damage: packages beside NumPy have types of their own.
  init(_ code: String) {
    let order = code.first ?? " "
    let name = "<>|=".contains(order) ? String(code.dropFirst()) : code
    let size = Int(name.dropFirst().prefix { $0.isASCII && $0.isNumber })
    isBigEndian = order == ">" && size ?? 1 > 1
    byteCount = size
    // NumPy has no bfloat16: the package ml_dtypes, and this module, write it as two raw bytes. Raw
    // bytes that nothing is known of have another order: |V2.
    elementType = code == "<V2" ? .bfloat16 : Self.read[name]
    if let elementType {
      byteCount = elementType.byteCount
      return
    }
    refusal = Self.refusal(code, name, size)
    mayBeWeight = name.first.map { !"SUaTMm".contains($0) } ?? true
    switch name.first {
    case "U": byteCount = size.flatMap { checkedProduct([$0, 4]) }
    case "M", "m": byteCount = 8
    case "O": byteCount = nil
    default: break
    }
  }

  private static func refusal(_ code: String, _ name: String, _ size: Int?) -> String {
    switch (name.first, size) {
    case ("f", 1):
      // ml_dtypes' float8_e5m2, and the posits of another package.
      return "8-bit floats (\(code)) of a package beside NumPy are not read: "
        + "the descriptor does not say which of several forms they have"
    case ("f", .some(10...)): return "long doubles (\(code)) are not read"
    case ("c", .some(17...)): return "complex long doubles (\(code)) are not read"
    case ("c", _): return "complex numbers (\(code)) are not read"
    case ("V", 1) where code == "<V1":
      return "8-bit numbers (\(code)) of the package ml_dtypes are not read: "
        + "the descriptor is the same for float8_e4m3fn, int4 and others"
    case ("V", _): return "elements of raw bytes (\(code)) have no type"
    case ("O", _): return "it is an array of Python objects, which is a pickle: it is never opened"
    case ("S", _), ("U", _), ("a", _), ("T", _): return "texts (\(code)) are no tensor"
    case ("M", _): return "dates (\(code)) are no tensor"
    case ("m", _): return "times (\(code)) are no tensor"
    default: return "its type \"\(code)\" is unknown"
    }
  }
}
