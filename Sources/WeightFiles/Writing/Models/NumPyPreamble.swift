import Archives
import Support
import Tensors

/// The header of a NumPy array in a file.
///
/// Specification: NEP 1, and numpy/lib/format.py.
enum NumPyPreamble {
  /// The bytes before the elements, a multiple of 64 of them.
  static func bytes(shape: [Int], elementType: ElementType) -> [UInt8] {
    let lengths = shape.map(String.init).joined(separator: ", ")
    let tuple = "(" + lengths + (shape.count == 1 ? ",)" : ")")
    var text = Array(
      "{'descr': '\(description(of: elementType))', 'fortran_order': False, 'shape': \(tuple), }"
        .utf8)
    // Magic, version, length; the shape of more than some thousand axes does not exist.
    let unpadded = 10 + text.count + 1
    text += Array(repeating: 0x20, count: (64 - unpadded % 64) % 64)
    text.append(0x0A)
    var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    append(UInt16(text.count), to: &header)
    return header + text
  }

  /// NumPy has no bfloat16: two bytes without a meaning, as the package ml_dtypes writes them, so that
  /// nobody takes them for integers.
  static func description(of type: ElementType) -> String {
    switch type {
    case .float64: "<f8"
    case .float32: "<f4"
    case .float16: "<f2"
    case .bfloat16: "<V2"
    case .int64: "<i8"
    case .int32: "<i4"
    case .int16: "<i2"
    case .int8: "|i1"
    case .uint64: "<u8"
    case .uint32: "<u4"
    case .uint16: "<u2"
    case .uint8: "|u1"
    case .bool: "|b1"
    // Never asked for: they are widened before.
    case .float8E4M3, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ: "|V1"
    }
  }
}
