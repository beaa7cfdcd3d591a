/// A matching under construction, with the potentials that prove it: shortest augmenting paths.
///
/// Invariant: for every matched row i, its column has the smallest `cost[i, j] - potential[j]` of
/// the row (up to rounding in `Scalar`). With every row matched, that is optimality.
///
/// Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
/// assignment problems", Computing 38, 1987. Its column reduction is left to `reduceLevelColumns`: it
/// spoils the start on costs of low rank, and trained weights have those. All arrays are dense and every inner loop is
/// one pass over a row; a column that has been scanned is retired by its potential, not by a list.
struct AugmentingPaths<Scalar: AssignmentScalar>: Sendable {
  let size: Int
  /// The potential of each column.
  var potentials: [Scalar]
  /// The column of each row, -1 where it has none.
  var columnOfRow: [Int32]
  /// The row of each column, -1 where it has none.
  var rowOfColumn: [Int32]
  /// The rows without a column.
  var freeRows: [Int32] = []

  private var distances: [Scalar]
  private var masked: [Scalar]
  private var predecessors: [Int32]
  private var scanned: [(column: Int, distance: Scalar)] = []

  /// Makes room for problems of a size.
  init(size: Int) {
    self.size = size
    potentials = Array(repeating: 0, count: size)
    columnOfRow = Array(repeating: -1, count: size)
    rowOfColumn = columnOfRow
    distances = potentials
    masked = potentials
    predecessors = columnOfRow
  }

  /// Forgets the matching, keeps the potentials.
  mutating func clear() {
    for index in 0..<size {
      columnOfRow[index] = -1
      rowOfColumn[index] = -1
    }
    freeRows.removeAll(keepingCapacity: true)
  }

  /// Gives every row its cheapest column, first come first served; the others become free rows.
  ///
  /// - Complexity: O(n²).
  mutating func matchGreedily(_ costs: UnsafePointer<Float>) {
    for row in 0..<size {
      let column = Scalar.twoSmallest(costs + row * size, potentials, count: Int32(size)).column
      if rowOfColumn[column] < 0 {
        rowOfColumn[column] = Int32(row)
        columnOfRow[row] = Int32(column)
      } else {
        freeRows.append(Int32(row))
      }
    }
  }

  /// Augmenting row reduction: a free row takes its cheapest column and lowers the potential until
  /// its second choice is as good; the row that had the column looks again. It matches many rows
  /// for one pass each. The budget bounds how long rows may push each other about.
  ///
  /// - Complexity: O(n) a step, at most `5·free rows` steps.
  mutating func reduceRows(_ costs: UnsafePointer<Float>) {
    var unmatched: [Int32] = []
    var budget = 4 * freeRows.count
    for first in freeRows {
      var row = Int(first)
      while true {
        let scan = Scalar.twoSmallest(costs + row * size, potentials, count: Int32(size))
        let lowered = potentials[scan.column] - (scan.second - scan.smallest)
        let improves = lowered < potentials[scan.column]
        let owner = rowOfColumn[scan.column]
        if owner >= 0 && (!improves || budget <= 0) {
          unmatched.append(Int32(row))
          break
        }
        if improves && size > 1 { potentials[scan.column] = lowered }
        rowOfColumn[scan.column] = Int32(row)
        columnOfRow[row] = Int32(scan.column)
        if owner < 0 { break }
        columnOfRow[Int(owner)] = -1
        budget -= 1
        row = Int(owner)
      }
    }
    freeRows = unmatched
  }

  /// Matches every free row along a shortest augmenting path.
  ///
  /// - Complexity: O(n²) a free row at worst; the research behind it measured a handful of row
  ///   passes with potentials carried over from a similar problem.
  mutating func augment(_ costs: UnsafePointer<Float>) {
    for row in freeRows { augment(costs, from: Int(row)) }
    freeRows.removeAll(keepingCapacity: true)
  }

  private mutating func augment(_ costs: UnsafePointer<Float>, from start: Int) {
    let count = Int32(size)
    for column in 0..<size {
      distances[column] = .infinity
      masked[column] = potentials[column]
    }
    scanned.removeAll(keepingCapacity: true)
    var row = start
    var offset: Scalar = 0
    var end: Int
    var length: Scalar = 0
    while true {
      let last = length
      (length, end) = Scalar.relax(
        costs + row * size, masked, &distances, &predecessors, offset: offset, index: Int32(row),
        count: count)
      guard rowOfColumn[end] >= 0 else { break }
      // A tie: a path through all columns at this distance would end at the same cost. Where many
      // costs are equal, as units that died make them, that is the difference of O(n²) and O(n³).
      if length == last || row == start {
        let free = Scalar.freeColumn(distances, rowOfColumn, at: length, count: count)
        if free >= 0 {
          end = Int(free)
          break
        }
      }
      scanned.append((end, length))
      row = Int(rowOfColumn[end])
      offset = Scalar(costs[row * size + end]) - masked[end] - length
      masked[end] = Scalar.retiredPotential
      distances[end] = Scalar.retiredDistance
    }
    for (column, distance) in scanned { potentials[column] += distance - length }
    while true {
      let owner = Int(predecessors[end])
      let previous = columnOfRow[owner]
      rowOfColumn[end] = Int32(owner)
      columnOfRow[owner] = Int32(end)
      if owner == start { break }
      end = Int(previous)
    }
  }

  /// Takes a row's column away.
  mutating func release(_ row: Int) {
    rowOfColumn[Int(columnOfRow[row])] = -1
    columnOfRow[row] = -1
    freeRows.append(Int32(row))
  }
}
