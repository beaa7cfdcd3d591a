import CElements

extension AugmentingPaths<Double> {
  /// By how much a row's column is dearer than its cheapest, by the potentials. Never negative.
  ///
  /// - Complexity: O(n).
  func slack(of row: Int, _ costs: UnsafePointer<Float>) -> Double {
    let column = Int(columnOfRow[row])
    let cost = Double(costs[row * size + column]) - potentials[column]
    return max(
      0, cost - Double.twoSmallest(costs + row * size, potentials, count: Int32(size)).smallest)
  }

  /// Frees the rows whose column is not their cheapest, and returns the sum of what they could save.
  ///
  /// - Complexity: O(n²).
  mutating func releaseViolators(_ costs: UnsafePointer<Float>) -> Double {
    var gap = 0.0
    for row in 0..<size {
      let slack = slack(of: row, costs)
      if slack > 0 {
        gap += slack
        release(row)
      }
    }
    return gap
  }

  /// The sum of all rows' slacks.
  ///
  /// - Complexity: O(n²).
  func slackness(_ costs: UnsafePointer<Float>) -> Double {
    (0..<size).reduce(0.0) { $0 + slack(of: $1, costs) }
  }
}

extension LinearAssignment {
  /// The largest magnitude of a contiguous matrix's elements; infinite where one is not finite.
  func largestMagnitude(_ costs: MatrixView<Float>) -> Float {
    let magnitude = Float(
      bitPattern: wsl_largest_magnitude_bits(costs.base, Int64(costs.rows * costs.columns)))
    return magnitude.isFinite ? magnitude : .infinity
  }

  /// A bound on how much better another assignment can be, from any column potentials: weak
  /// duality, in Float64, with no use of the solver. The optimum of least cost is at least
  /// `Σ_j potential[j] + Σ_i min_j (cost[i][j] - potential[j])`.
  ///
  /// - Returns: the assignment's cost less that bound.
  /// - Complexity: O(n²).
  public static func optimalityGap(
    of columns: [Int], costs: borrowing Matrix<Float>, columnPotentials: [Double]
  ) -> Double {
    precondition(
      costs.rows == costs.columns && columns.count == costs.rows
        && columnPotentials.count == costs.rows, "an n×n problem has n columns and n potentials")
    let size = costs.rows
    return costs.withView { view in
      var gap = 0.0
      for row in 0..<size {
        let base = view.base + row * view.rowStride
        var least = Double.infinity
        for column in 0..<size {
          least = min(least, Double(base[column]) - columnPotentials[column])
        }
        gap += Double(base[columns[row]]) - columnPotentials[columns[row]] - least
      }
      return gap
    }
  }
}
