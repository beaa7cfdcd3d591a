import Foundation
import LinearAlgebra
import ModelGraph
import Support
import Tensors

/// What the order of one group's units says of a common origin.
///
/// Training from a start of its own makes every order of a layer's units as likely as any other (they are
/// exchangeable), so that of two independent networks the units in one place have nothing to do with each other.
/// Zhu et al., "Independence tests for language models", ICML 2025 (arXiv 2502.12292).
struct UnitOrder {
  /// How many units were looked at.
  let count: Int
  /// How many of them are, among all, assigned to the one in their own place.
  let fixedPoints: Int
  /// The probability of at least as many of a random order.
  let orderPValue: Double
  /// The mean over the matrices of the correlation of units' inner products: unchanged by any rotation or
  /// order of what comes in.
  let gramCorrelation: Double
  /// The share of random orders that have at least that correlation.
  let gramPValue: Double

  private static let mostUnits = 512
  private static let mostGramUnits = 128
  private static let mostFeatures = 4096

  init?(
    _ group: PermutationGroup, _ networks: KinNetworks, seed: UInt64, permutations: Int
  ) throws {
    // A tensor with two axes in the group changes its features with its units.
    let counts = Dictionary(group.members.map { ($0.tensor, 1) }, uniquingKeysWith: +)
    let members = group.members.filter { counts[$0.tensor] == 1 }
    guard group.size > 1, !members.isEmpty else { return nil }
    var generator = SeededGenerator(seed: seed)
    let chosen = Array(generator.permutation(count: group.size).prefix(Self.mostUnits)).sorted()
    let size = chosen.count
    count = size
    var products = Matrix<Float>(zeros: size, size)
    var grams: [(a: Matrix<Float>, b: Matrix<Float>)] = []
    let few = min(size, Self.mostGramUnits)
    for member in members {
      guard let a = networks.a[member.tensor], let b = networks.b[member.tensor] else { continue }
      let slices = UnitSlices(member, units: group.size, shape: a.shape)
      let (x, y) = (
        slices.rows(chosen, of: a.values, most: Self.mostFeatures),
        slices.rows(chosen, of: b.values, most: Self.mostFeatures)
      )
      let own = BLAS.product(x, y, transposingRight: true)
      for at in products.values.indices { products.values[at] += own.values[at] }
      grams.append(
        (Self.centredGram(x, few), Self.centredGram(y, few)))
    }
    // In a random order, so that units that are alike are not taken for one another in their places.
    let order = generator.permutation(count: size)
    var assignment = LinearAssignment(size: size)
    let solution = try assignment.minimize(
      Matrix<Float>(rows: size, columns: size) { -products[$0, order[$1]] })
    fixedPoints = solution.columns.enumerated().count { order[$0.element] == $0.offset }
    orderPValue = Self.probability(ofFixedPoints: fixedPoints, of: size)
    func correlation(_ order: [Int]) -> Double {
      var sum = 0.0
      for (a, b) in grams {
        var (product, own, its) = (0.0, 0.0, 0.0)
        for row in 0..<few {
          for column in 0..<row {
            let (x, y) = (Double(a[row, column]), Double(b[order[row], order[column]]))
            product += x * y
            own += x * x
            its += y * y
          }
        }
        if own > 0, its > 0 { sum += product / (own * its).squareRoot() }
      }
      return sum / Double(max(1, grams.count))
    }
    let found = correlation(Array(0..<few))
    gramCorrelation = found
    var reached = 0
    for _ in 0..<permutations
    where correlation(generator.permutation(count: few)) >= found { reached += 1 }
    gramPValue = Double(1 + reached) / Double(1 + permutations)
  }

  /// The inner products of the first rows, less the means of rows and columns.
  private static func centredGram(_ rows: Matrix<Float>, _ count: Int) -> Matrix<Float> {
    let own = Matrix<Float>(
      rows: count, columns: rows.columns, values: Array(rows.values.prefix(count * rows.columns)))
    let gram = BLAS.product(own, own, transposingRight: true)
    let means = (0..<count).map { row in
      (0..<count).reduce(Float(0)) { $0 + gram[row, $1] } / Float(max(1, count))
    }
    let mean = means.reduce(0, +) / Float(max(1, count))
    return Matrix(rows: count, columns: count) { gram[$0, $1] - means[$0] - means[$1] + mean }
  }

  /// The probability that a random order of n leaves at least k in their places: the sum over j ≥ k of
  /// (1/j!)·Σ_{i ≤ n−j} (−1)^i/i!. Never below 1e-300.
  ///
  /// - Complexity: O(n²) at worst, and O(n) for all but the smallest n.
  static func probability(ofFixedPoints fixed: Int, of count: Int) -> Double {
    guard fixed > 0 else { return 1 }
    var sum = 0.0
    for points in fixed...max(fixed, min(count, fixed + 30)) {
      var (alternating, term) = (0.0, 1.0)
      for index in 0...min(40, max(0, count - points)) {
        if index > 0 { term /= -Double(index) }
        alternating += term
      }
      sum += exp(-lgamma(Double(points) + 1)) * max(0, alternating)
    }
    return min(1, max(1e-300, sum))
  }
}
