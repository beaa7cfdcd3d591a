/// Small linear systems.
enum LeastSquares {
  /// The weights that minimise |X w − y|² + penalty |w|².
  ///
  /// - Complexity: O(n p² + p³).
  static func ridge(_ rows: [[Double]], _ target: [Double], penalty: Double) -> [Double] {
    let width = rows.first?.count ?? 0
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
    var right = [Double](repeating: 0, count: width)
    for (row, value) in zip(rows, target) {
      for one in 0..<width {
        right[one] += row[one] * value
        for other in 0...one { matrix[one][other] += row[one] * row[other] }
      }
    }
    for one in 0..<width { matrix[one][one] += penalty }
    return solve(matrix, right) ?? [Double](repeating: 0, count: width)
  }

  /// The solution of a symmetric, positive definite system, by Cholesky; nil where it is not definite.
  ///
  /// - Parameter matrix: its lower half is read.
  static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
    var factor = matrix
    let n = right.count
    for column in 0..<n {
      for row in column..<n {
        var value = matrix[row][column]
        for k in 0..<column { value -= factor[row][k] * factor[column][k] }
        if row == column {
          guard value > 0, value.isFinite else { return nil }
          factor[row][row] = value.squareRoot()
        } else {
          factor[row][column] = value / factor[column][column]
        }
      }
    }
    var solution = right
    for row in 0..<n {
      for k in 0..<row { solution[row] -= factor[row][k] * solution[k] }
      solution[row] /= factor[row][row]
    }
    for row in (0..<n).reversed() {
      for k in (row + 1)..<n { solution[row] -= factor[k][row] * solution[k] }
      solution[row] /= factor[row][row]
    }
    return solution
  }
}
