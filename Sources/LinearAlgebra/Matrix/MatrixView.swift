/// A matrix that lies in someone else's memory: rows of consecutive elements, `rowStride` apart.
///
/// It is a pointer, valid only inside the closure that lends it.
public struct MatrixView<Scalar: BLASScalar> {
  /// The first element of the first row.
  public let base: UnsafePointer<Scalar>
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The distance in elements from one row to the next, at least `columns`.
  public let rowStride: Int

  /// Makes a view.
  ///
  /// - Parameter rowStride: nil for rows that follow each other without a space.
  public init(base: UnsafePointer<Scalar>, rows: Int, columns: Int, rowStride: Int? = nil) {
    precondition(rows >= 0 && columns >= 0, "a matrix has no negative side")
    precondition((rowStride ?? columns) >= columns, "rows must not overlap")
    self.base = base
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride ?? columns
  }
}

/// A matrix that lies in someone else's memory and may be written to.
public struct MutableMatrixView<Scalar: BLASScalar> {
  /// The first element of the first row.
  public let base: UnsafeMutablePointer<Scalar>
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The distance in elements from one row to the next, at least `columns`.
  public let rowStride: Int

  /// Makes a view.
  ///
  /// - Parameter rowStride: nil for rows that follow each other without a space.
  public init(base: UnsafeMutablePointer<Scalar>, rows: Int, columns: Int, rowStride: Int? = nil) {
    precondition(rows >= 0 && columns >= 0, "a matrix has no negative side")
    precondition((rowStride ?? columns) >= columns, "rows must not overlap")
    self.base = base
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride ?? columns
  }
}
