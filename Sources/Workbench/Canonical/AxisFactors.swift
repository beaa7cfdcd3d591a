import Foundation
import Tensors

/// Factors of the units along two axes by which one tensor is another: b = r·a·c, element by element.
struct AxisFactors {
  /// The factor of each index of the first of the two axes.
  var rows: [Double]
  /// Of the second.
  var columns: [Double]

  /// How much of the squared change factors may leave unexplained.
  private static let unexplained = 0.01

  /// Finds the factors, where there are some that explain every element to within rounding.
  ///
  /// - Parameters:
  ///   - a, b: the elements, in one order.
  ///   - axes: the two axes.
  ///   - tolerance: the relative error that rounding may leave.
  /// - Returns: nil where there are none, or too few elements to tell.
  /// - Complexity: O(elements).
  init?(_ a: Tensor, _ b: Tensor, axes: (Int, Int), tolerance: Double) {
    let shape = a.shape
    let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
    let (rowStride, rowCount) = (strides[axes.0], shape[axes.0])
    let (columnStride, columnCount) = (strides[axes.1], shape[axes.1])
    var nonzero = 0
    for at in a.values.indices {
      let (x, y) = (a.values[at], b.values[at])
      guard x.isFinite, y.isFinite, (x == 0) == (y == 0) else { return nil }
      if x != 0 { nonzero += 1 }
    }
    guard nonzero >= 2 * (rowCount + columnCount) else { return nil }
    // Least squares in turn, from the first row that has no zero few.
    func solve(_ known: [Double?], byRows: Bool) -> [Double?] {
      let count = byRows ? rowCount : columnCount
      var products = [Double](repeating: 0, count: count)
      var squares = [Double](repeating: 0, count: count)
      for at in a.values.indices {
        let (row, column) = (
          (at / rowStride) % rowCount, (at / columnStride) % columnCount
        )
        guard let factor = known[byRows ? column : row] else { continue }
        let x = Double(a.values[at]) * factor
        products[byRows ? row : column] += x * Double(b.values[at])
        squares[byRows ? row : column] += x * x
      }
      return zip(products, squares).map { $1 > 0 ? $0 / $1 : nil }
    }
    var counts = [Int](repeating: 0, count: rowCount)
    for at in a.values.indices where a.values[at] != 0 { counts[(at / rowStride) % rowCount] += 1 }
    var known = [Double?](repeating: nil, count: rowCount)
    known[counts.indices.max { (counts[$0], $1) < (counts[$1], $0) } ?? 0] = 1
    var columns: [Double?] = []
    for _ in 0..<4 {
      columns = solve(known, byRows: false)
      known = solve(columns, byRows: true)
    }
    rows = known.map { $0 ?? 1 }
    self.columns = columns.map { $0 ?? 1 }
    // Factors near one explain small changes as well: they have to explain nearly all of the change.
    var (rest, change) = (0.0, 0.0)
    for at in a.values.indices {
      let (x, y) = (Double(a.values[at]), Double(b.values[at]))
      let expected =
        x * rows[(at / rowStride) % rowCount] * self.columns[(at / columnStride) % columnCount]
      guard abs(expected - y) <= tolerance * abs(expected) else { return nil }
      rest += (expected - y) * (expected - y)
      change += (x - y) * (x - y)
    }
    guard rest <= Self.unexplained * change else { return nil }
    let middle = self.columns.sorted()[columnCount / 2]
    if middle != 0 {
      rows = rows.map { $0 * middle }
      self.columns = self.columns.map { $0 / middle }
    }
  }

  /// Whether factors differ among each other by more than rounding.
  static func vary(_ factors: [Double], tolerance: Double) -> Bool {
    guard let first = factors.first else { return false }
    return factors.contains { abs($0 - first) > 4 * tolerance * abs(first) }
  }

  /// Whether a vector is another one times known factors of its units, or their inverses or squares, times one
  /// number.
  static func explains(
    _ factors: [Double], _ a: [Float], _ b: [Float], tolerance: Double
  ) -> Bool {
    guard a.count == factors.count, b.count == a.count,
      let pivot = a.indices.max(by: { abs(a[$0]) < abs(a[$1]) }), a[pivot] != 0, b[pivot] != 0,
      a.count(where: { $0 != 0 }) >= 3
    else { return false }
    for exponent in [1.0, -1, 2] {
      let powers = { (at: Int) in
        exponent == -1 ? 1 / factors[at] : exponent == 2 ? factors[at] * factors[at] : factors[at]
      }
      let whole = Double(b[pivot]) / (Double(a[pivot]) * powers(pivot))
      var (rest, change, fits) = (0.0, 0.0, true)
      for at in a.indices {
        let (x, y) = (Double(a[at]), Double(b[at]))
        let expected = whole * powers(at) * x
        fits = fits && abs(expected - y) <= 4 * tolerance * abs(expected)
        rest += (expected - y) * (expected - y)
        change += (x - y) * (x - y)
      }
      fits = fits && rest <= unexplained * change
      if fits { return true }
    }
    return false
  }
}
