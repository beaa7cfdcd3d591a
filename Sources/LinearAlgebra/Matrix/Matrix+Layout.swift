extension Matrix {
  /// Lends the elements to code that writes to them.
  public mutating func withMutableView<Result>(
    _ body: (MutableMatrixView<Scalar>) throws -> Result
  ) rethrows -> Result {
    let (rows, columns) = (rows, columns)
    return try values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else {
        // An empty array may have no address. A view has one, and never touches it.
        return try withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 1) { spare in
          guard let base = spare.baseAddress else { preconditionFailure("no stack is left") }
          return try body(MutableMatrixView(base: base, rows: rows, columns: columns))
        }
      }
      return try body(MutableMatrixView(base: base, rows: rows, columns: columns))
    }
  }

  /// The matrix with rows and columns exchanged.
  ///
  /// - Complexity: O(elements), in blocks that fit the first-level cache.
  public func transposed() -> Matrix {
    let block = 32
    let result = [Scalar](unsafeUninitializedCapacity: values.count) { target, initialized in
      values.withUnsafeBufferPointer { source in
        for top in stride(from: 0, to: rows, by: block) {
          for left in stride(from: 0, to: columns, by: block) {
            for row in top..<min(top + block, rows) {
              for column in left..<min(left + block, columns) {
                target.initializeElement(
                  at: column * rows + row, to: source[row * columns + column])
              }
            }
          }
        }
      }
      initialized = values.count
    }
    return Matrix(rows: columns, columns: rows, values: result)
  }
}
