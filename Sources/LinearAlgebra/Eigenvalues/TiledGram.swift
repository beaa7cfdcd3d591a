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

  /// Forms, for a matrix with elements, `scale²·aᵀ·a` or, where the matrix is wide, `scale²·a·aᵀ`.
  ///
  /// - Complexity: at most k²·m operations, memory for half of k² elements and for 768·k.
  init(_ matrix: MatrixView<Float>, scale: Scalar) {
    count = min(matrix.rows, matrix.columns)
    let long = max(matrix.rows, matrix.columns)
    blocks = (count + side - 1) / side
    tiles = LargeBuffer(count: blocks * (blocks + 1) / 2 * side * side)
    var products = GramProducts(self)
    let depth = 2 * GramPanel<Scalar>.depth
    for start in stride(from: 0, to: long, by: depth) {
      products.add(matrix, start: start, width: min(depth, long - start), scale: scale)
    }
    // The products of halves leave rounding in the rows of zeros.
    let filled = count - (blocks - 1) * side
    for column in 0..<blocks {
      (tile(blocks - 1, column) + filled * side).update(repeating: 0, count: (side - filled) * side)
    }
  }

  /// The tile of a row and a column of tiles, `row >= column`.
  func tile(_ row: Int, _ column: Int) -> UnsafeMutablePointer<Scalar> {
    tiles.base + (row * (row + 1) / 2 + column) * side * side
  }
}
