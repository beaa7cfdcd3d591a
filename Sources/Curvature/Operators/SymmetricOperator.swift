public import LinearAlgebra
public import Networks

/// A symmetric matrix of which only products with vectors are known.
public protocol SymmetricOperator {
  /// The number of rows.
  var dimension: Int { get }
  /// The product with a vector of `dimension` numbers.
  func product(_ vector: [Double]) throws -> [Double]
}

extension LossHessian: SymmetricOperator {}

extension Matrix<Double>: SymmetricOperator {
  /// The number of rows.
  public var dimension: Int { rows }

  /// The product with a vector.
  public func product(_ vector: [Double]) -> [Double] {
    BLAS.product(self, Matrix(rows: vector.count, columns: 1, values: vector)).values
  }
}
