/// A matrix in memory, row-major, that owns its elements.
public struct Matrix<Scalar: BLASScalar>: Sendable, Hashable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements, row after row.
  public var values: [Scalar]

  /// Makes a matrix from its elements, row after row.
  public init(rows: Int, columns: Int, values: [Scalar]) {
    precondition(rows >= 0 && columns >= 0, "a matrix has no negative side")
    precondition(values.count == rows * columns, "the values must fill the matrix")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// Makes a matrix of zeros.
  public init(zeros rows: Int, _ columns: Int) {
    self.init(rows: rows, columns: columns, values: Array(repeating: 0, count: rows * columns))
  }

  /// Makes a matrix element by element.
  public init(rows: Int, columns: Int, _ element: (Int, Int) -> Scalar) {
    var values: [Scalar] = []
    values.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns { values.append(element(row, column)) }
    }
    self.init(rows: rows, columns: columns, values: values)
  }

  /// One element. For a glance, not for loops: each use checks the index and multiplies.
  public subscript(row: Int, column: Int) -> Scalar {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  /// Lends the elements to code that takes a view.
  public func withView<Result>(_ body: (MatrixView<Scalar>) throws -> Result) rethrows -> Result {
    try values.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else {
        // An empty array may have no address. A view has one, and never reads from it.
        return try withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 1) { spare in
          guard let base = spare.baseAddress else { preconditionFailure("no stack is left") }
          return try body(MatrixView(base: UnsafePointer(base), rows: rows, columns: columns))
        }
      }
      return try body(MatrixView(base: base, rows: rows, columns: columns))
    }
  }

  /// Every element through a function.
  public func mapped(_ transform: (Scalar) -> Scalar) -> Matrix {
    Matrix(rows: rows, columns: columns, values: values.map(transform))
  }
}
