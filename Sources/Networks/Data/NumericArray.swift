import WeightFiles
import WorkbenchCore

/// An array as a data file holds it: a shape and the bytes of its elements.
struct NumericArray {
  /// The lengths of the axes, slowest first.
  var shape: [Int]
  /// The type of the elements.
  var elementType: ElementType
  /// Whether elements are stored most significant byte first.
  var isBigEndian = false
  /// The elements, row-major.
  var bytes: [UInt8]

  /// The number of elements; nil where it is beyond any memory.
  static func elementCount(_ shape: [Int]) -> Int? {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow, product < 1 << 40 else { return nil }
      count = product
    }
    return count
  }

  /// The elements as examples: integers are pixels, divided by 255; floats are taken as they are.
  func pixels() throws -> [Float] {
    try elements(scale: elementType.isFloatingPoint || elementType == .bool ? 1 : 255)
  }

  /// The elements as classes.
  func labels() throws -> [Int32] {
    try elements(scale: 1).enumerated().map { index, value in
      guard let label = Int32(exactly: value), label >= 0 else {
        throw Diagnostic(.badData, "the label \(value) of example \(index) is no class")
      }
      return label
    }
  }

  private func elements(scale: Float) throws -> [Float] {
    guard let count = NumericArray.elementCount(shape),
      bytes.count == count * elementType.byteCount
    else {
      throw Diagnostic(
        .badData, "\(bytes.count) bytes are not an array of shape \(shape)",
        remedy: "the file is damaged, copy it again")
    }
    return switch elementType {
    case .uint8, .bool: bytes.map { Float($0) / scale }
    case .int8: bytes.map { Float(Int8(bitPattern: $0)) / scale }
    case .uint16: load(UInt16.self) { Float($0) / scale }
    case .int16: load(UInt16.self) { Float(Int16(bitPattern: $0)) / scale }
    case .uint32: load(UInt32.self) { Float($0) / scale }
    case .int32: load(UInt32.self) { Float(Int32(bitPattern: $0)) / scale }
    case .uint64: load(UInt64.self) { Float($0) / scale }
    case .int64: load(UInt64.self) { Float(Int64(bitPattern: $0)) / scale }
    case .float32: load(UInt32.self) { Float(bitPattern: $0) }
    case .float64: load(UInt64.self) { Float(Double(bitPattern: $0)) }
    case .bfloat16: load(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .float16: load(UInt16.self) { NumericArray.widened($0) }
    }
  }

  private func load<Word: FixedWidthInteger>(
    _ type: Word.Type, _ convert: (Word) -> Float
  ) -> [Float] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / MemoryLayout<Word>.size).map { index in
        let word = raw.loadUnaligned(
          fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
        return convert(isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word))
      }
    }
  }

  /// IEEE 754 binary16 as Float32.
  private static func widened(_ half: UInt16) -> Float {
    let sign: Float = half >> 15 == 0 ? 1 : -1
    let exponent = Int(half >> 10 & 31)
    let fraction = Float(half & 1023)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
    }
  }
}
