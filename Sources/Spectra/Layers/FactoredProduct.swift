package import LinearAlgebra
import Support
package import Tensors

/// A product of two factors times a scale, read, but not formed.
package struct FactoredProduct {
  /// m×r.
  package let left: Matrix<Float>
  /// r×n.
  package let right: Matrix<Float>
  /// What the product is multiplied by.
  package let scale: Double

  /// Reads the factors of a layer, and its alpha where it has one.
  ///
  /// - Throws: `Diagnostic` of code `badData` where they do not fit each other, and what reading throws.
  package init(_ layer: SpectralLayer, read: (String) throws -> Tensor) throws {
    guard case .product(let factor) = layer.source, (2...3).contains(layer.tensors.count) else {
      throw Diagnostic(.badData, "a product has two factors")
    }
    let (left, right) = (try read(layer.tensors[0]), try read(layer.tensors[1]))
    guard left.shape.count >= 2, right.shape.count >= 2, let rank = right.shape.first, rank > 0,
      left.shape[1] == rank, left.values.count == left.shape[0] * rank
    else { throw Diagnostic(.badData, "the factors are \(left.shape) and \(right.shape)") }
    self.left = Matrix(rows: left.shape[0], columns: rank, values: left.values)
    self.right = Matrix(rows: rank, columns: right.values.count / rank, values: right.values)
    guard layer.tensors.count == 3 else {
      scale = factor
      return
    }
    guard let alpha = try read(layer.tensors[2]).values.first, alpha.isFinite else {
      throw Diagnostic(.badData, "its alpha is not a finite number")
    }
    scale = factor * Double(alpha) / Double(rank)
  }

  private init(_ left: Matrix<Float>, _ right: Matrix<Float>) {
    self.left = left
    self.right = right
    scale = 1
  }

  /// The singular values, falling.
  func singularValues() throws -> [Double] {
    try SingularValues.ofProduct(left, right).map { $0 * abs(scale) }
  }

  /// This product minus another one of the same sides: the factors beside and below each other.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the sides differ.
  func minus(_ other: FactoredProduct) throws -> FactoredProduct {
    guard left.rows == other.left.rows, right.columns == other.right.columns else {
      throw Diagnostic(
        .badData,
        "the products are \(left.rows)×\(right.columns) and "
          + "\(other.left.rows)×\(other.right.columns)")
    }
    if left == other.left, right == other.right, scale == other.scale {
      // The same factors cancel, which rounding would not show.
      return FactoredProduct(
        Matrix(zeros: left.rows, left.columns), Matrix(zeros: right.rows, right.columns))
    }
    let columns = left.columns + other.left.columns
    var beside: [Float] = []
    beside.reserveCapacity(left.rows * columns)
    for row in 0..<left.rows {
      for (product, sign) in [(self, 1.0), (other, -1.0)] {
        let factor = Float(sign * product.scale)
        let width = product.left.columns
        beside += product.left.values[row * width..<(row + 1) * width].map { factor * $0 }
      }
    }
    return FactoredProduct(
      Matrix(rows: left.rows, columns: columns, values: beside),
      Matrix(
        rows: columns, columns: right.columns, values: right.values + other.right.values))
  }
}
