public import LinearAlgebra

/// One layer of many models: a matrix of the same shape for each, or the two factors of one.
///
/// An update of low rank is kept as its factors and never multiplied out: everything that probes ask of
/// a matrix are products with thin matrices. What comes out does not depend on how the product was
/// split into factors (B·R and R⁻¹·A give the same).
public struct LayerStack<Scalar: BLASScalar>: Sendable {
  /// The number of models.
  public private(set) var count: Int
  /// The number of rows of a matrix: outputs of the layer.
  public let rows: Int
  /// The number of columns: inputs, times the window of a convolution.
  public let columns: Int
  /// The inner side of the factors [rows, rank] and [rank, columns]; nil where the matrices themselves
  /// are kept.
  public let rank: Int?
  /// The matrices one after the other, row-major; of factors the left one first.
  public private(set) var values: [Scalar]

  /// Makes a stack.
  ///
  /// - Parameter values: `stride` elements for each model.
  public init(rows: Int, columns: Int, rank: Int? = nil, values: [Scalar]) {
    precondition(rows > 0 && columns > 0 && (rank ?? 1) > 0, "a layer has elements")
    self.rows = rows
    self.columns = columns
    self.rank = rank
    let stride = rank.map { $0 * (rows + columns) } ?? rows * columns
    precondition(values.count % stride == 0, "the values must fill the matrices")
    count = values.count / stride
    self.values = values
  }

  /// How many elements a model takes.
  public var stride: Int { rank.map { $0 * (rows + columns) } ?? rows * columns }

  /// The number of elements of a matrix.
  public var elementCount: Int { rows * columns }

  /// Adds the matrix, or the factors, of one more model.
  public mutating func append(_ model: [Scalar]) {
    precondition(model.count == stride, "the values must fill the matrix")
    values += model
    count += 1
  }

  /// The stack of some of the models, in a given order.
  public func selecting(_ models: [Int]) -> LayerStack {
    var chosen: [Scalar] = []
    chosen.reserveCapacity(models.count * stride)
    for model in models { chosen += values[model * stride..<(model + 1) * stride] }
    return LayerStack(rows: rows, columns: columns, rank: rank, values: chosen)
  }
}

extension LayerStack {
  /// `result ← X·thin + keeping·result`, or with the transpose of X, for one model.
  ///
  /// - Parameters:
  ///   - base: the address of `values`.
  ///   - thin: [columns, k], or [rows, k] where `transposing`.
  ///   - scratch: rank · k elements, for factors.
  /// - Complexity: 2·rows·columns·k operations; of factors 2·rank·(rows + columns)·k.
  func multiply(
    _ model: Int, of base: UnsafePointer<Scalar>, transposing: Bool, _ thin: MatrixView<Scalar>,
    into result: MutableMatrixView<Scalar>, keeping: Scalar = 0,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    let start = base + model * stride
    guard let rank else {
      let matrix = MatrixView(base: start, rows: rows, columns: columns)
      BLAS.multiply(matrix, transposingLeft: transposing, thin, into: result, keeping: keeping)
      return
    }
    let left = MatrixView(base: start, rows: rows, columns: rank)
    let right = MatrixView(base: start + rows * rank, rows: rank, columns: columns)
    let inner = MutableMatrixView(base: scratch, rows: rank, columns: thin.columns)
    let lent = MatrixView(base: UnsafePointer(scratch), rows: rank, columns: thin.columns)
    if transposing {
      BLAS.multiply(left, transposingLeft: true, thin, into: inner)
      BLAS.multiply(right, transposingLeft: true, lent, into: result, keeping: keeping)
    } else {
      BLAS.multiply(right, thin, into: inner)
      BLAS.multiply(left, lent, into: result, keeping: keeping)
    }
  }
}
