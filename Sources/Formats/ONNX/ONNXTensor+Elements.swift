import Archives
import Catalogs
import Support
import Tensors

extension ONNXTensor {
  /// The shape and the kind of the elements.
  var form: ONNXGraph.ConstantForm {
    ONNXGraph.ConstantForm(
      shape: lengths.map { Int(clamping: $0) }, isInteger: elementType?.isFloatingPoint == false)
  }

  /// The elements as numbers, where they are few and in the model itself; nil otherwise.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  func elements(in file: OpenFile) throws -> [Double]? {
    guard let type = elementType, let count = elementCount, count <= ONNXGraph.mostElements,
      !isExternal
    else { return nil }
    guard let run = runs.first(where: { !$0.range.isEmpty }) else {
      guard numbers.count <= 1, let values = numbers.values.first, values.count == count else {
        return count == 0 ? [] : nil
      }
      return values.map { ONNXTensor.number($0, type) }
    }
    guard run.range.count == count * type.byteCount else { return nil }
    let bytes = try file.bytes(at: run.range.lowerBound, count: run.range.count)
    guard bytes.count == run.range.count else { throw FileCursor.truncated }
    return stride(from: 0, to: bytes.count, by: type.byteCount).map { start in
      let bits = bytes[start..<(start + type.byteCount)].reversed().reduce(UInt64(0)) {
        $0 << 8 | UInt64($1)
      }
      return ONNXTensor.number(bits, type)
    }
  }

  /// A number of its bits.
  private static func number(_ bits: UInt64, _ type: ElementType) -> Double {
    switch type {
    case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .float64: Double(bitPattern: bits)
    case .int64: Double(Int64(bitPattern: bits))
    case .int32: Double(Int32(truncatingIfNeeded: bits))
    case .int16: Double(Int16(truncatingIfNeeded: bits))
    case .int8: Double(Int8(truncatingIfNeeded: bits))
    case .bfloat16: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16))
    case .float16:
      Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
    case .float8E4M3, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ:
      Double(type.number(small: UInt8(truncatingIfNeeded: bits)))
    default: Double(bits)
    }
  }
}
