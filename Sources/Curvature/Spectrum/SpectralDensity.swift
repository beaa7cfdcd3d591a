import Foundation
import LinearAlgebra
import Support

/// The density of a symmetric operator's eigenvalues, by stochastic Lanczos quadrature (Ubaru, Chen and
/// Saad, "Fast estimation of tr(f(A)) via stochastic Lanczos quadrature", SIAM J. Matrix Anal. Appl.
/// 38(4), 2017; for networks Ghorbani, Krishnan and Xiao, 2019).
///
/// Each random vector v of +1 and −1 gives a Gauss quadrature of the measure Σ (vᵀuᵢ)²/n at the eigenvalues
/// λᵢ, whose mean over v is the density.
public struct SpectralDensity: Sendable, Hashable {
  /// The nodes of all quadratures, rising.
  public var nodes: [Double]
  /// The weight of each; together 1.
  public var weights: [Double]
  /// The points at which the smoothed density is given, rising.
  public var points: [Double]
  /// The density there, smoothed by a normal distribution of deviation `smoothing`.
  public var density: [Double]
  /// The standard error of each, over the random vectors; NaN with one.
  public var errors: [Double]
  /// The deviation that it is smoothed by.
  public var smoothing: Double
  /// The number of random vectors.
  public var vectors: Int
  /// The number of steps for each.
  public var steps: Int
  /// The number of products in all.
  public var products: Int

  /// Measures the density.
  ///
  /// - Parameters:
  ///   - vectors: how many random vectors.
  ///   - steps: how many steps of Lanczos's method for each.
  ///   - pointCount: at how many points the density is given.
  ///   - smoothing: the deviation; nil takes a hundredth of the range.
  ///   - seed: decides the vectors.
  /// - Throws: what products throw; `badData` where one is not finite.
  /// - Complexity: vectors·steps products.
  public init(
    of matrix: some SymmetricOperator, vectors: Int = 4, steps: Int = 40, pointCount: Int = 201,
    smoothing: Double? = nil, seed: UInt64 = 0
  ) throws {
    precondition(vectors > 0 && steps > 0 && pointCount > 1)
    let generator = SeededGenerator(seed: seed)
    let depth = min(steps, matrix.dimension)
    var rules: [[(node: Double, weight: Double)]] = []
    var used = 0
    for index in 0..<vectors {
      var own = generator.derived(UInt64(index))
      let rule = try Self.quadrature(of: matrix, from: own.signs(matrix.dimension), steps: depth)
      used += rule.products
      rules.append(rule.rule)
    }
    let all = rules.joined().sorted { $0.node < $1.node }
    nodes = all.map(\.node)
    weights = all.map { $0.weight / Double(vectors) }
    let low = nodes.first ?? 0
    let high = nodes.last ?? 0
    let deviation = smoothing ?? max((high - low) / 100, 1e-12)
    self.smoothing = deviation
    let (start, end) = (low - 4 * deviation, high + 4 * deviation)
    points = (0..<pointCount).map { start + (end - start) * Double($0) / Double(pointCount - 1) }
    let scale = 1 / (deviation * (2 * Double.pi).squareRoot())
    var means: [Double] = []
    var spread: [Double] = []
    for point in points {
      let each = rules.map { rule in
        rule.reduce(0.0) { sum, pair in
          let distance = (point - pair.node) / deviation
          return sum + pair.weight * scale * exp(-distance * distance / 2)
        }
      }
      let mean = each.reduce(0, +) / Double(vectors)
      let squares = each.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      means.append(mean)
      spread.append((squares / Double(vectors - 1) / Double(vectors)).squareRoot())
    }
    density = means
    errors = spread
    self.vectors = vectors
    self.steps = depth
    products = used
  }

  /// The Gauss quadrature that belongs to a vector.
  private static func quadrature(
    of matrix: some SymmetricOperator, from vector: [Double], steps: Int
  ) throws -> (rule: [(node: Double, weight: Double)], products: Int) {
    var basis = OrthonormalBasis(dimension: matrix.dimension)
    var projected = Matrix<Double>(zeros: steps, steps)
    let size = length(vector)
    var next = vector.map { $0 / size }
    var scale = 0.0
    while true {
      let column = basis.count
      basis.append(next)
      var image = try matrix.product(next)
      let whole = length(image)
      let parts = basis.orthogonalize(&image)
      guard parts.allSatisfy(\.isFinite) else {
        throw Diagnostic(.badData, "a product with the second derivatives is not finite")
      }
      scale = max(scale, whole)
      // The matrix is tridiagonal but for rounding.
      projected[column, column] = parts[column]
      let rest = length(image)
      // The vector lies in an invariant space: its quadrature is exact. Float32 has no digits below.
      if basis.count == steps || rest <= 1e-7 * scale { break }
      projected[column, column + 1] = rest
      projected[column + 1, column] = rest
      next = image.map { $0 / rest }
    }
    let count = basis.count
    let ritz = try SymmetricEigenvectors(
      Matrix(rows: count, columns: count) { projected[$0, $1] })
    let rule = (0..<count).map { index in
      (node: ritz.values[index], weight: ritz.vectors[0, index] * ritz.vectors[0, index])
    }
    return (rule, count)
  }
}
