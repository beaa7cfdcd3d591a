import Foundation
import LinearAlgebra

/// Rotations that bring one set of vectors closest to another.
enum Rotations {
  static func cosine(_ angle: Double) -> Double { cos(angle) }
  static func sine(_ angle: Double) -> Double { sin(angle) }

  /// The orthogonal matrix R with the largest ⟨R, C⟩: U·Vᵀ of the singular vectors of C. Reflections are
  /// among them.
  ///
  /// What C leaves open, where it has not full rank, is decided by a small part of the identity.
  ///
  /// - Complexity: about 20·n³ operations, nearly all of them in products of blocks.
  static func polar(_ products: Matrix<Double>) throws -> Matrix<Double> {
    try decided(products).rotation
  }

  /// The same, and the sum of the singular values: what is gained.
  static func decided(
    _ products: Matrix<Double>
  ) throws -> (rotation: Matrix<Double>, gain: Double) {
    let count = products.rows
    guard count > 0 else { return (products, 0) }
    let size = products.values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var decided = products
    for index in 0..<count {
      decided.values[index * count + index] += 1e-12 * size + (size == 0 ? 1 : 0)
    }
    let factor = try PolarFactor(decided)
    return (factor.rotation, size == 0 ? 0 : factor.gain)
  }

  /// The one among those that map the vector of ones to itself: that of the complement, where
  /// M·C·M acts for M = I − 11ᵀ/n.
  static func polarFixingMean(_ products: Matrix<Double>) throws -> Matrix<Double> {
    let count = products.rows
    guard count > 0 else { return products }
    let size = products.values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var centred = products.centredRows().transposed().centredRows().transposed()
    let share = (size > 0 ? size : 1) / Double(count)
    for index in centred.values.indices { centred.values[index] += share }
    let found = try polar(centred)
    // Rounding leaves the vector of ones off by some 10⁻¹⁶; put it back exactly.
    let rows = found.centredRows().transposed().centredRows().transposed()
    return rows.mapped { $0 + 1 / Double(count) }
  }
}

extension Matrix<Double> {
  /// Every row less its mean.
  func centredRows() -> Matrix {
    var result = self
    for row in 0..<rows {
      let range = (row * columns)..<((row + 1) * columns)
      let mean = values[range].reduce(0, +) / Double(Swift.max(1, columns))
      for index in range { result.values[index] -= mean }
    }
    return result
  }
}
