import Support

/// How the elements of a strided tensor lie in the file. All sizes are checked when it is made.
package struct StridedGeometry: Sendable {
  /// The tensor's shape.
  package let shape: [Int]
  /// How many elements the next index of each axis is away.
  package let strides: [Int]
  /// The size of an element.
  package let elementByteCount: Int
  /// The size of the tensor.
  package let byteCount: Int
  /// From the first byte of the first element to the last byte of the last one; 0 where it is empty.
  package let extentByteCount: Int

  /// Checks and makes a geometry.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location, where the strides do not fit the
  ///   shape, are negative, or anything overflows.
  package init(shape: [Int], strides: [Int], elementByteCount: Int) throws {
    guard shape.count == strides.count else {
      throw Diagnostic(
        .badData, "it has \(shape.count) axes, and \(strides.count) strides")
    }
    guard let byteCount = checkedProduct(shape + [elementByteCount]) else {
      throw Diagnostic(.badData, "its shape \(shape) overflows")
    }
    var last = 0
    for (length, stride) in zip(shape, strides) where length > 1 {
      guard stride >= 0 else { throw Diagnostic(.badData, "it has a negative stride") }
      let (reach, isTooFar) = (length - 1).multipliedReportingOverflow(by: stride)
      let (sum, isTooLong) = last.addingReportingOverflow(reach)
      guard !isTooFar, !isTooLong else {
        throw Diagnostic(.badData, "its strides \(strides) overflow")
      }
      last = sum
    }
    let (end, isTooFar) = last.addingReportingOverflow(1)
    let (extent, isTooLong) = end.multipliedReportingOverflow(by: elementByteCount)
    guard !isTooFar, !isTooLong else {
      throw Diagnostic(.badData, "its strides \(strides) overflow")
    }
    self.shape = shape
    self.strides = strides
    self.elementByteCount = elementByteCount
    self.byteCount = byteCount
    extentByteCount = byteCount == 0 ? 0 : extent
  }

  /// The strides of elements without gaps, last axis fastest.
  package static func rowMajor(_ shape: [Int]) -> [Int] {
    var strides = Array(repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] &* shape[axis + 1]
    }
    return strides
  }

  /// The strides of elements without gaps, first axis fastest, as Fortran has them.
  package static func columnMajor(_ shape: [Int]) -> [Int] {
    var strides = Array(repeating: 1, count: shape.count)
    for axis in shape.indices.dropFirst() { strides[axis] = strides[axis - 1] &* shape[axis - 1] }
    return strides
  }

  /// Whether the elements are one run in row-major order.
  package var isContiguous: Bool {
    let dense = StridedGeometry.rowMajor(shape)
    return shape.indices.allSatisfy { shape[$0] == 1 || strides[$0] == dense[$0] }
  }
}
