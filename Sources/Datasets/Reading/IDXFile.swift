import Support
import Tensors

/// The format of MNIST's files: a type, a number of axes, their lengths, and the elements, all most
/// significant byte first (LeCun, "The MNIST database", file format at the end of the page).
enum IDXFile {
  /// Reads an array, from the bytes of a file.
  static func read(_ plain: [UInt8]) throws -> NumericArray {
    guard plain.count >= 4, plain[0] == 0, plain[1] == 0, let type = types[plain[2]] else {
      throw Diagnostic(.badData, "this is not an IDX file")
    }
    let rank = Int(plain[3])
    let start = 4 + 4 * rank
    guard (1...8).contains(rank), plain.count >= start else {
      throw Diagnostic(.badData, "the header of the IDX file is damaged")
    }
    let shape = (0..<rank).map { axis in
      plain[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) }
    }
    guard let count = NumericArray.elementCount(shape),
      count * type.byteCount == plain.count - start
    else {
      throw Diagnostic(
        .badData, "an IDX file of shape \(shape) does not have \(plain.count - start) bytes",
        remedy: "the file is damaged, copy it again")
    }
    return NumericArray(
      shape: shape, elementType: type, isBigEndian: true, bytes: Array(plain[start...]))
  }

  private static let types: [UInt8: ElementType] = [
    0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
  ]
}
