import Support
import Tensors

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

  /// Whether its elements are divided by 255 where they are examples.
  var isPixels: Bool { !elementType.isFloatingPoint && elementType != .bool }

  /// The elements as they are.
  func numbers() throws -> [Float] { try elements(scale: 1) }

  private func elements(scale: Float) throws -> [Float] {
    guard let count = NumericArray.elementCount(shape),
      bytes.count == count * elementType.byteCount
    else {
      throw Diagnostic(
        .badData, "\(bytes.count) bytes are not an array of shape \(shape)",
        remedy: "the file is damaged, copy it again")
    }
    // The numbers, and a second time as many where they are scaled.
    try MachineMemory.check((scale == 1 ? 1 : 2) * MemoryLayout<Float>.size * count)
    var stored = bytes
    let size = elementType.byteCount
    if isBigEndian, size > 1 {
      for start in stride(from: 0, to: stored.count, by: size) {
        stored[start..<(start + size)].reverse()
      }
    }
    let numbers = [Float](unsafeUninitializedCapacity: count) { values, initialized in
      stored.withUnsafeBytes {
        elementType.floats($0, to: UnsafeMutableBufferPointer(rebasing: values[..<count]))
      }
      initialized = count
    }
    return scale == 1 ? numbers : numbers.map { $0 / scale }
  }
}
