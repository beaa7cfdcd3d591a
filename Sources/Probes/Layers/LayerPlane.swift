import LinearAlgebra
import Support

/// Where models are in the two directions in which the matrices of a layer differ most: their first two
/// principal components, from the inner products of the models around their mean.
public struct LayerPlane: Sendable {
  /// More models take too long: the work grows with the cube of their number.
  public static let mostModels = 3000

  /// The place of each model.
  public let points: [(x: Double, y: Double)]
  /// The shares of all variance that the two directions have.
  public let shares: (x: Double, y: Double)

  /// Finds the places; nil for fewer than three models, for more than `mostModels`, and for equal ones.
  ///
  /// Each direction is turned so that the model farthest along it has a positive number.
  ///
  /// - Complexity: O(models³), beside the inner products.
  public init?(_ input: ProbeInput, jobs: Int?) throws {
    guard input.count >= 3, input.count <= Self.mostModels else { return nil }
    let gram = try input.gram(jobs: jobs)
    let found = try SymmetricEigenvectors(gram)
    let count = gram.rows
    let total = (0..<count).reduce(0) { $0 + gram[$1, $1] }
    guard total > 0 else { return nil }
    func axis(_ place: Int) -> [Double] {
      let root = max(0, found.values[place]).squareRoot()
      let values = (0..<count).map { found.vectors[$0, place] * root }
      let farthest = values.max { abs($0) < abs($1) } ?? 0
      return farthest < 0 ? values.map { -$0 } : values
    }
    points = zip(axis(count - 1), axis(count - 2)).map { (x: $0, y: $1) }
    shares = (
      x: max(0, found.values[count - 1]) / total, y: max(0, found.values[count - 2]) / total
    )
  }
}
