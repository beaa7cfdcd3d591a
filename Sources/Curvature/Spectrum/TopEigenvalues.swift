import LinearAlgebra
import WorkbenchCore

/// The largest eigenvalues of a symmetric operator, by Lanczos's method with full reorthogonalisation
/// and thick restarts (Wu and Simon, "Thick-restart Lanczos method for large symmetric eigenvalue
/// problems", SIAM J. Matrix Anal. Appl. 22(2), 2000).
public struct TopEigenvalues: Sendable, Hashable {
  /// The largest eigenvalues, falling.
  public var values: [Double]
  /// For each the length of H·x − λ·x: an eigenvalue of H is at most so far from it.
  public var residuals: [Double]
  /// The smallest Ritz value: an upper bound of the smallest eigenvalue, and near it where it stands
  /// apart.
  public var smallest: Double
  /// How many products it took.
  public var products: Int
  /// Whether every residual met the tolerance.
  public var hasConverged: Bool

  /// Finds eigenvalues.
  ///
  /// It stops where the residual of each is at most `tolerance` of its magnitude, or 10⁻⁶ of the largest:
  /// products in Float32 have no further digits.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - tolerance: relative to each eigenvalue.
  ///   - productLimit: after how many products it stops as it is.
  ///   - memoryLimit: how many bytes the basis may take; it restarts where it is full.
  ///   - seed: decides the first vector.
  /// - Throws: what products throw; `badData` where one is not finite.
  /// - Complexity: m products, and 8·m·b·n operations for a basis of b vectors.
  public init(
    of matrix: some SymmetricOperator, count: Int, tolerance: Double = 1e-4,
    productLimit: Int = 400, memoryLimit: Int = 1 << 30, seed: UInt64 = 0
  ) throws {
    let dimension = matrix.dimension
    precondition(count > 0 && dimension > 0)
    let wanted = min(count, dimension)
    let room = max(2 * wanted + 8, memoryLimit / (8 * dimension))
    let width = min(dimension, min(room, max(60, 4 * wanted)))
    var generator = SeededGenerator(seed: seed)
    var basis = OrthonormalBasis(dimension: dimension)
    var projected = Matrix<Double>(zeros: width, width)
    var next = generator.direction(dimension)
    var used = 0
    while true {
      let column = basis.count
      basis.append(next)
      var image = try matrix.product(next)
      used += 1
      let parts = basis.orthogonalize(&image)
      guard parts.allSatisfy(\.isFinite) else {
        throw Diagnostic(.badData, "a product with the second derivatives is not finite")
      }
      for row in 0...column {
        projected[row, column] = parts[row]
        projected[column, row] = parts[row]
      }
      let rest = length(image)
      let isFull = basis.count == width
      let isLast = used >= productLimit || basis.count == dimension
      // Looking costs little beside a product.
      guard isFull || isLast || basis.count >= min(width, wanted + 2) else {
        next = Self.scaled(image, rest, basis, &generator)
        continue
      }
      let ritz = try SymmetricEigenvectors(
        Matrix(rows: basis.count, columns: basis.count) { projected[$0, $1] })
      let last = basis.count - 1
      let found = min(wanted, basis.count)
      let places = (0..<found).map { last - $0 }
      values = places.map { ritz.values[$0] }
      residuals = places.map { rest * abs(ritz.vectors[last, $0]) }
      smallest = ritz.values[0]
      products = used
      let scale = max(abs(ritz.values[0]), abs(ritz.values[last]))
      hasConverged =
        basis.count == dimension
        || found == wanted
          && zip(values, residuals).allSatisfy { $1 <= max(tolerance * abs($0), 1e-6 * scale) }
      if hasConverged || isLast { return }
      next = Self.scaled(image, rest, basis, &generator)
      guard isFull else { continue }
      // Restart from the best Ritz vectors.
      let kept = min(width - 2, wanted + max(4, wanted / 2))
      var fresh = OrthonormalBasis(dimension: dimension)
      projected = Matrix(zeros: width, width)
      for index in 0..<kept {
        let place = last - index
        fresh.append(basis.combination((0...last).map { ritz.vectors[$0, place] }))
        projected[index, index] = ritz.values[place]
      }
      basis = fresh
    }
  }

  /// A vector brought to length 1; a random one where nothing of it is left, which is where the basis
  /// spans an invariant space.
  private static func scaled(
    _ vector: [Double], _ size: Double, _ basis: OrthonormalBasis,
    _ generator: inout SeededGenerator
  ) -> [Double] {
    if size > 1e-200 {
      let scale = 1 / size
      var result = vector.map { $0 * scale }
      // What rounding has left along the basis weighs more where little is left.
      _ = basis.orthogonalize(&result)
      let rest = length(result)
      if rest > 0.5 { return result.map { $0 / rest } }
    }
    while true {
      var fresh = generator.direction(basis.dimension)
      _ = basis.orthogonalize(&fresh)
      let rest = length(fresh)
      if rest > 1e-6 { return fresh.map { $0 / rest } }
    }
  }
}
