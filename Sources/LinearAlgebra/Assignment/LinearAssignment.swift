import Support

/// Solves dense linear assignment problems, one after another of the same size.
///
/// Given n×n costs, finds the one-to-one assignment of rows to columns whose costs have the least
/// sum. The search runs in Float32, SIMD throughout; what it finds is then checked in Float64
/// against the potentials that came with it, rows that fail by a rounding error are assigned again in
/// Float64, and the result carries the bound that remains. So it is proved, not assumed: no
/// assignment can cost less than `total - optimalityGap`.
///
/// The column potentials of one problem start the next: on a sequence of similar problems, which
/// coordinate descent makes, that saves most of the work. They are only a start, any values give
/// the same optimum.
public struct LinearAssignment: Sendable {
  /// An assignment and the proof of its optimality.
  public struct Solution: Sendable {
    /// The column of each row.
    public var columns: [Int]
    /// The sum of the assigned costs, in Float64.
    public var total: Double
    /// How far `total` can be from the best, at most: the sum of the complementary slackness
    /// violations, in the unit of the costs. Zero, or some n·10⁻¹⁶ of the largest cost.
    public var optimalityGap: Double
  }

  /// The number of rows and of columns.
  public let size: Int

  /// Up to this size one search in Float64 takes less time than one in Float32 and its confirmation:
  /// two thirds of it at 32, about as much at 64.
  private static let directSize = 48

  /// The potentials of the columns, of the last problem or given as a start for the next; zero at
  /// first. For costs, `cost[i][j] - potential[j]` is least, in every row i, at its own column.
  public var columnPotentials: [Double] {
    get { potentials }
    set {
      precondition(newValue.count == size, "one potential a column")
      precondition(newValue.allSatisfy { abs($0) < 1e100 }, "potentials are finite and below 1e100")
      potentials = newValue
    }
  }

  private var potentials: [Double]

  /// Makes a solver for problems of one size.
  ///
  /// - Complexity: O(n) memory besides the costs.
  public init(size: Int) {
    precondition(size >= 0 && size <= 1 << 24, "a size is between 0 and 2²⁴")
    self.size = size
    potentials = Array(repeating: 0, count: size)
  }

  /// The assignment of least cost.
  ///
  /// - Parameter costs: n·n costs, row-major.
  /// - Throws: `Diagnostic(.badData)` where a cost is infinite or not a number, or the matrix is not
  ///   n×n. A rectangular problem is refused, not padded.
  /// - Complexity: O(n³) at worst.
  public mutating func minimize(_ costs: borrowing Matrix<Float>) throws -> Solution {
    try costs.withView { try minimize($0) }
  }

  /// The assignment of least cost, of a matrix that lies contiguously in memory.
  public mutating func minimize(_ costs: MatrixView<Float>) throws -> Solution {
    guard costs.rows == size, costs.columns == size, costs.rowStride == size else {
      throw Diagnostic(
        .badData, "an assignment needs \(size)×\(size) costs, not \(costs.rows)×\(costs.columns)",
        remedy: "both models must have the same number of units in every group")
    }
    guard size > 0 else { return Solution(columns: [], total: 0, optimalityGap: 0) }
    let magnitude = largestMagnitude(costs)
    guard magnitude.isFinite else {
      throw Diagnostic(.badData, "an assignment's costs must be finite")
    }
    // Beyond this, sums of potentials could leave Float32; such costs are solved in Float64.
    let fits = magnitude < 1e20 && magnitude > 1e-20 && potentialsFit(magnitude)
    return AugmentingPaths<Double>.withRoom(for: size) { paths in
      if fits && size > LinearAssignment.directSize {
        searchInSingle(costs.base, for: paths)
      } else {
        for column in 0..<size { paths.potentials[column] = potentials[column] }
        paths.matchGreedily(costs.base)
      }
      paths.augment(costs.base)
      var gap = paths.releaseViolators(costs.base)
      if paths.freeCount > 0 {
        paths.augment(costs.base)
        gap = paths.slackness(costs.base)
      }
      keep(paths.potentials)
      var total = 0.0
      let columns = Array(unsafeUninitializedCapacity: size) { columns, count in
        for row in 0..<size {
          let column = Int(paths.columnOfRow[row])
          columns.initializeElement(at: row, to: column)
          total += Double(costs.base[row * size + column])
        }
        count = size
      }
      return Solution(columns: columns, total: total, optimalityGap: gap)
    }
  }

  /// Fills in a complete matching and its potentials, both found in Float32.
  private func searchInSingle(
    _ costs: UnsafePointer<Float>, for paths: borrowing AugmentingPaths<Double>
  ) {
    AugmentingPaths<Float>.withRoom(for: size) { single in
      for column in 0..<size { single.potentials[column] = Float(potentials[column]) }
      single.reduceLevelColumns(costs)
      single.matchGreedily(costs)
      single.reduceRows(costs)
      single.reduceRows(costs)
      single.augment(costs)
      for index in 0..<size { paths.potentials[index] = Double(single.potentials[index]) }
      paths.columnOfRow.update(from: single.columnOfRow, count: size)
      paths.rowOfColumn.update(from: single.rowOfColumn, count: size)
    }
  }

  /// Whether potentials that were given are of the size of the costs, so that Float32 holds their
  /// differences as well as it holds the costs.
  private func potentialsFit(_ magnitude: Float) -> Bool {
    let bound = 16 * Double(magnitude) * Double(size)
    return potentials.allSatisfy { abs($0) <= bound }
  }

  /// Keeps potentials, shifted so that the largest is zero: they only ever fall, and only their
  /// differences count.
  private mutating func keep(_ found: UnsafePointer<Double>) {
    var largest = -Double.infinity
    for column in 0..<size { largest = max(largest, found[column]) }
    for column in 0..<size { potentials[column] = found[column] - largest }
  }
}
