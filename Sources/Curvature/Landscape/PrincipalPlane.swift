import LinearAlgebra
import Tensors

/// The two directions in which some differences of networks are largest, and where each lies.
struct PrincipalPlane {
  /// The directions, of length 1 over the tensors that they were found on.
  let axes: [Weights]
  /// The share of the squares along each.
  let explained: [Double]
  private let places: [(x: Double, y: Double, distance: Double)]

  /// Finds them from the inner products of the differences.
  ///
  /// - Parameter names: the tensors that count; others do not move.
  /// - Returns: nil where the differences lie on a line.
  /// - Throws: `Diagnostic` where a number is not finite.
  /// - Complexity: O(n²·weights) for n differences.
  init?(of steps: [Weights], over names: [String]) throws {
    let count = steps.count
    var gram = Matrix<Double>(zeros: count, count)
    for row in 0..<count {
      for column in 0...row {
        let product = WeightDirection.dot(steps[row], steps[column], over: names)
        gram[row, column] = product
        gram[column, row] = product
      }
    }
    let all = try SymmetricEigenvectors(gram)
    let total = (0..<count).reduce(0) { $0 + gram[$1, $1] }
    guard count > 1, total > 0, all.values[count - 2] > 1e-10 * total else { return nil }
    var axes: [Weights] = []
    for place in [count - 1, count - 2] {
      let scale = 1 / all.values[place].squareRoot()
      var zero: Weights = [:]
      for name in names { zero[name] = steps[0][name].map { Tensor(zeros: $0.shape) } }
      axes.append(
        WeightDirection.point(
          zero, (0..<count).map { (all.vectors[$0, place] * scale, steps[$0]) }))
    }
    self.axes = axes
    explained = [count - 1, count - 2].map { all.values[$0] / total }
    places = (0..<count).map { index in
      let x = all.vectors[index, count - 1] * all.values[count - 1].squareRoot()
      let y = all.vectors[index, count - 2] * all.values[count - 2].squareRoot()
      return (x, y, max(0, gram[index, index] - x * x - y * y).squareRoot())
    }
  }

  /// Where a network of the run lies; the last, which there is no difference of, in the origin.
  func coordinates(_ index: Int) -> (x: Double, y: Double, distance: Double) {
    places.indices.contains(index) ? places[index] : (0, 0, 0)
  }
}
