public import LinearAlgebra
import Support

/// How unlike the models that a probe learned from a model is, in what the probe's network sees of it: one
/// class of known models, and everything else (Horwitz et al. 2025 score their representations so).
public struct OneClass: Sendable {
  /// The scores of a model; larger is less like what is known.
  public struct Scores: Sendable, Hashable {
    /// The mean distance from the `neighbours` nearest known models.
    public var nearest: Double
    /// The Mahalanobis distance from their mean, by a covariance that is shrunk towards a multiple of the
    /// identity.
    public var mahalanobis: Double
  }

  /// How many of the nearest models count, as in the published evaluation.
  public static let neighbours = 2

  private let known: Matrix<Float>
  private let means: [Double]
  /// The eigenvectors of the covariance, a column each.
  private let directions: Matrix<Double>
  /// The variances along them, after shrinkage.
  private let variances: [Double]
  /// How far the covariance is shrunk, from 0 to 1.
  public let shrinkage: Double

  /// Learns what is known.
  ///
  /// - Parameter known: the representations of models, a row each.
  /// - Returns: nil for fewer than three models, or where all are the same.
  /// - Complexity: O(models · width²) and O(width³).
  public init?(_ known: Matrix<Float>) throws {
    guard known.rows >= 3, known.columns > 0 else { return nil }
    self.known = known
    let (count, width) = (Double(known.rows), Double(known.columns))
    let means = (0..<known.columns).map { column in
      (0..<known.rows).reduce(0) { $0 + Double(known[$1, column]) } / count
    }
    self.means = means
    let centred = Matrix<Double>(rows: known.rows, columns: known.columns) {
      Double(known[$0, $1]) - means[$1]
    }
    let covariance = BLAS.gram(centred).mapped { $0 / count }
    let found = try SymmetricEigenvectors(covariance)
    let mean = max(0, found.values.reduce(0, +)) / width
    guard mean > 0 else { return nil }
    // Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", 2004.
    let squared = found.values.reduce(0) { $0 + $1 * $1 }
    let spread = squared / width - mean * mean
    let fourth = (0..<known.rows).reduce(0.0) { sum, row in
      let own = (0..<known.columns).reduce(0.0) { $0 + centred[row, $1] * centred[row, $1] }
      return sum + own * own
    }
    let error = max(0, (fourth / count - squared) / (width * count))
    let shrinkage = spread > 0 ? min(error, spread) / spread : 0
    self.shrinkage = shrinkage
    let variances = found.values.map { (1 - shrinkage) * max(0, $0) + shrinkage * mean }
    // Where nothing is shrunk, directions without any spread would be infinitely unlike.
    self.variances = variances.map { max($0, mean * 1e-12) }
    directions = found.vectors
  }

  /// The scores of a representation.
  ///
  /// - Complexity: O(models · width) and O(width²).
  public func scores(of own: [Double]) -> Scores {
    precondition(
      own.count == known.columns, "the representation must be as long as those that are known")
    var least = [Double](repeating: .infinity, count: Self.neighbours)
    for row in 0..<known.rows {
      var squared = 0.0
      for column in 0..<known.columns {
        let offset = own[column] - Double(known[row, column])
        squared += offset * offset
      }
      if squared < least[Self.neighbours - 1] {
        least[Self.neighbours - 1] = squared
        least.sort()
      }
    }
    let nearest = least.reduce(0) { $0 + $1.squareRoot() } / Double(Self.neighbours)
    var squared = 0.0
    for direction in 0..<known.columns {
      var along = 0.0
      for column in 0..<known.columns {
        along += (own[column] - means[column]) * directions[column, direction]
      }
      squared += along * along / variances[direction]
    }
    return Scores(nearest: nearest, mahalanobis: squared.squareRoot())
  }
}
