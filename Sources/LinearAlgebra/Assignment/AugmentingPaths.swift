/// A matching under construction, with the potentials that prove it: shortest augmenting paths.
///
/// Invariant: for every matched row i, its column has the smallest `cost[i, j] - potential[j]` of
/// the row (up to rounding in `Scalar`). With every row matched, that is optimality.
///
/// Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
/// assignment problems", Computing 38, 1987. Its column reduction is left to `reduceLevelColumns`: it
/// spoils the start on costs of low rank, and trained weights have those. All arrays are dense and
/// every inner loop is one pass over a row; a column that has been scanned is retired by its
/// potential, not by a list.
struct AugmentingPaths<Scalar: AssignmentScalar>: ~Copyable {
  let size: Int
  /// The potential of each column.
  let potentials: UnsafeMutablePointer<Scalar>
  /// The column of each row, -1 where it has none.
  let columnOfRow: UnsafeMutablePointer<Int32>
  /// The row of each column, -1 where it has none.
  let rowOfColumn: UnsafeMutablePointer<Int32>
  /// How many rows have no column.
  private(set) var freeCount = 0

  /// The rows without a column, `freeCount` of them.
  private let freeRows: UnsafeMutablePointer<Int32>
  private let predecessors: UnsafeMutablePointer<Int32>
  private let masked: UnsafeMutablePointer<Scalar>
  /// Of each column, while a path is searched for; room for anything else between the searches.
  let distances: UnsafeMutablePointer<Scalar>
  /// The columns that a search has scanned, and how far away they were.
  private let scanned: UnsafeMutablePointer<Int32>
  private let scannedDistances: UnsafeMutablePointer<Scalar>

  /// Lends room for one problem: a single block of memory, on the stack where it is small. With an
  /// array at a time, problems of eight rows took 1.6 µs instead of 0.95.
  ///
  /// The matching is empty; the potentials are for the caller to set.
  static func withRoom<Result>(for size: Int, _ body: (inout AugmentingPaths) -> Result) -> Result {
    // The wide values first: what follows them needs less alignment.
    let bytes = size * (4 * MemoryLayout<Scalar>.stride + 5 * MemoryLayout<Int32>.stride)
    return withUnsafeTemporaryAllocation(
      byteCount: bytes, alignment: MemoryLayout<Scalar>.alignment
    ) { room in
      guard let base = room.baseAddress else { fatalError("a problem has rows") }
      var paths = AugmentingPaths(size: size, base)
      return body(&paths)
    }
  }

  private init(size: Int, _ room: UnsafeMutableRawPointer) {
    self.size = size
    let values = room.bindMemory(to: Scalar.self, capacity: 4 * size)
    potentials = values
    masked = values + size
    distances = values + 2 * size
    scannedDistances = values + 3 * size
    let indices = UnsafeMutableRawPointer(values + 4 * size)
      .bindMemory(to: Int32.self, capacity: 5 * size)
    columnOfRow = indices
    rowOfColumn = indices + size
    freeRows = indices + 2 * size
    predecessors = indices + 3 * size
    scanned = indices + 4 * size
    columnOfRow.initialize(repeating: -1, count: 2 * size)
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
        addFree(row)
      }
    }
  }

  /// Augmenting row reduction: a free row takes its cheapest column and lowers the potential until
  /// its second choice is as good; the row that had the column looks again. It matches many rows
  /// for one pass each. The budget bounds how long rows may push each other about.
  ///
  /// - Complexity: O(n) a step, at most `5·free rows` steps.
  mutating func reduceRows(_ costs: UnsafePointer<Float>) {
    let candidates = freeCount
    var budget = 4 * candidates
    freeCount = 0
    for index in 0..<candidates {
      var row = Int(freeRows[index])
      while true {
        let scan = Scalar.twoSmallest(costs + row * size, potentials, count: Int32(size))
        let lowered = potentials[scan.column] - (scan.second - scan.smallest)
        let improves = lowered < potentials[scan.column]
        let owner = rowOfColumn[scan.column]
        if owner >= 0 && (!improves || budget <= 0) {
          // At most one row for each that was taken from the list, so none is overwritten unread.
          addFree(row)
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
  }

  /// Matches every free row along a shortest augmenting path.
  ///
  /// - Complexity: O(n²) a free row at worst; the research behind it measured a handful of row
  ///   passes with potentials carried over from a similar problem.
  mutating func augment(_ costs: UnsafePointer<Float>) {
    for index in 0..<freeCount { augment(costs, from: Int(freeRows[index])) }
    freeCount = 0
  }

  private func augment(_ costs: UnsafePointer<Float>, from start: Int) {
    let count = Int32(size)
    distances.update(repeating: .infinity, count: size)
    masked.update(from: potentials, count: size)
    var scannedCount = 0
    var row = start
    var offset: Scalar = 0
    var end: Int
    var length: Scalar = 0
    while true {
      let last = length
      (length, end) = Scalar.relax(
        costs + row * size, masked, distances, predecessors, offset: offset, index: Int32(row),
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
      scanned[scannedCount] = Int32(end)
      scannedDistances[scannedCount] = length
      scannedCount += 1
      row = Int(rowOfColumn[end])
      offset = Scalar(costs[row * size + end]) - masked[end] - length
      masked[end] = Scalar.retiredPotential
      distances[end] = Scalar.retiredDistance
    }
    for index in 0..<scannedCount {
      potentials[Int(scanned[index])] += scannedDistances[index] - length
    }
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
    addFree(row)
  }

  private mutating func addFree(_ row: Int) {
    freeRows[freeCount] = Int32(row)
    freeCount += 1
  }
}
