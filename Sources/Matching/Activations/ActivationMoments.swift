import LinearAlgebra

/// Sums over data of two networks' activations and their products, in Float64: one pass gives every
/// statistic.
struct ActivationMoments: Sendable {
  private var count = 0.0
  private var sumsA: [Double]
  private var sumsB: [Double]
  private var squaresA: [Double]
  private var squaresB: [Double]
  private var products: Matrix<Double>

  /// Nothing seen yet.
  init(units: Int) {
    sumsA = Array(repeating: 0, count: units)
    sumsB = sumsA
    squaresA = sumsA
    squaresB = sumsA
    products = Matrix(zeros: units, units)
  }

  /// Adds observations: a row an example and position, a column a unit.
  ///
  /// - Complexity: 2·rows·units² operations.
  mutating func add(_ a: Matrix<Double>, _ b: Matrix<Double>) {
    precondition(a.rows == b.rows && a.columns == products.rows && b.columns == products.columns)
    count += Double(a.rows)
    Self.add(a, to: &sumsA, squares: &squaresA)
    Self.add(b, to: &sumsB, squares: &squaresB)
    a.withView { a in
      b.withView { b in
        products.withMutableView {
          BLAS.multiply(a, transposingLeft: true, b, into: $0, keeping: 1)
        }
      }
    }
  }

  /// How alike each unit of A is to each of B, row-major.
  func likeness(_ statistic: ActivationMatching.Statistic) -> [Double] {
    let units = sumsA.count
    guard count > 0 else { return products.values }
    let deviationsA = Self.deviations(sumsA, squaresA, count)
    let deviationsB = Self.deviations(sumsB, squaresB, count)
    var result = products.values
    for row in 0..<units {
      for column in 0..<units {
        let mean = result[row * units + column] / count
        let covariance = mean - sumsA[row] / count * (sumsB[column] / count)
        let deviation = deviationsA[row] * deviationsB[column]
        result[row * units + column] =
          switch statistic {
          case .uncentred: mean
          case .covariance: covariance
          case .correlation: deviation > 0 ? covariance / deviation : 0
          }
      }
    }
    return result
  }

  /// Standard deviations; 0 where what is left is the rounding of the squares.
  private static func deviations(
    _ sums: [Double], _ squares: [Double], _ count: Double
  ) -> [Double] {
    zip(sums, squares).map { sum, square in
      let variance = square / count - (sum / count) * (sum / count)
      return variance > 1e-12 * (square / count) ? variance.squareRoot() : 0
    }
  }

  private static func add(
    _ matrix: Matrix<Double>, to sums: inout [Double], squares: inout [Double]
  ) {
    let units = sums.count
    matrix.values.withUnsafeBufferPointer { values in
      for row in 0..<matrix.rows {
        for unit in 0..<units {
          let value = values[row * units + unit]
          sums[unit] += value
          squares[unit] += value * value
        }
      }
    }
  }
}
