/// The Gram matrix of the shorter side of a matrix, its lower half in square tiles.
///
/// In tiles, every product of the reduction reads its operands where they lie, one after the other.
/// Rows and columns of zeros fill the last tiles.
struct TiledGram<Scalar: ReductionScalar> {
  /// The side of a tile.
  let side = Scalar.tileSide
  /// How many tiles there are in a row.
  let blocks: Int
  /// The order of the matrix.
  let count: Int
  /// The tiles, one row of tiles after the other, each up to its diagonal.
  let tiles: LargeBuffer<Scalar>

  /// How many rows of the longer side make one product of tiles.
  private static var depth: Int { 96 }
  /// How many rows of tiles use a column's part of the panel while it is in the cache.
  private static var rowsAtOnce: Int { 4 }

  /// Forms `scale²·aᵀ·a` or, where the matrix is wide, `scale²·a·aᵀ`.
  ///
  /// - Complexity: k²·m operations, memory for half of k² elements.
  init(_ matrix: MatrixView<Float>, scale: Scalar) {
    let byColumns = matrix.rows >= matrix.columns
    let long = byColumns ? matrix.rows : matrix.columns
    count = byColumns ? matrix.columns : matrix.rows
    blocks = (count + side - 1) / side
    tiles = LargeBuffer(count: blocks * (blocks + 1) / 2 * side * side)
    let slab = Self.depth * side
    let panel = LargeBuffer<Scalar>(count: blocks * slab)
    withExtendedLifetime(panel) {
      for start in stride(from: 0, to: long, by: Self.depth) {
        let width = min(Self.depth, long - start)
        for block in 0..<blocks {
          pack(
            matrix, byColumns: byColumns, scale: scale, block: block, start: start, width: width,
            into: panel.base + block * slab)
        }
        multiply(UnsafePointer(panel.base), slab: slab, depth: width)
      }
    }
  }

  /// Adds the products of a panel. What comes next is asked for in the meantime.
  private func multiply(_ panel: UnsafePointer<Scalar>, slab: Int, depth: Int) {
    let square = side * side
    for first in stride(from: 0, to: blocks, by: Self.rowsAtOnce) {
      let end = min(first + Self.rowsAtOnce, blocks)
      for column in 0..<end {
        for row in max(first, column)..<end {
          let isLast = row + 1 == end
          let next = isLast ? tile(first, column + 1) : tile(row + 1, column)
          Scalar.tileGram(
            panel + row * slab, panel + column * slab, tile(row, column),
            depth: depth, nextTile: UnsafePointer(next),
            nextOperand: panel + (column + 1) * slab + (row - first) * square)
        }
      }
    }
  }

  /// The tile of a row and a column of tiles, `row >= column`.
  func tile(_ row: Int, _ column: Int) -> UnsafeMutablePointer<Scalar> {
    tiles.base + (row * (row + 1) / 2 + column) * side * side
  }

  /// Lays `width` rows of the longer side after each other, the elements of one block of the shorter.
  private func pack(
    _ matrix: MatrixView<Float>, byColumns: Bool, scale: Scalar, block: Int, start: Int,
    width: Int, into target: UnsafeMutablePointer<Scalar>
  ) {
    let first = block * side
    let filled = min(side, count - first)
    if filled < side { target.update(repeating: 0, count: width * side) }
    if byColumns {
      for row in 0..<width {
        let source = matrix.base + (start + row) * matrix.rowStride + first
        let elements = target + row * side
        for column in 0..<filled { elements[column] = scale * .widened(source[column]) }
      }
    } else {
      for row in 0..<filled {
        let source = matrix.base + (first + row) * matrix.rowStride + start
        for column in 0..<width { target[column * side + row] = scale * .widened(source[column]) }
      }
    }
  }
}
