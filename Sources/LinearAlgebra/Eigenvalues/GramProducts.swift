/// The products of panels that add up to a Gram matrix.
///
/// What lies below the diagonal of a triangle of tiles and belongs to its second half of rows and first
/// half of columns is a product of different blocks, and takes 7 products of halves instead of 8
/// (Strassen, 1969); the two triangles that remain are halved in turn.
struct GramProducts<Scalar: ReductionScalar> {
  let gram: TiledGram<Scalar>
  let kernels = Scalar.kernels
  private(set) var panel: GramPanel<Scalar>
  /// Sums of left and of right operands, a slab a block.
  let leftSums, rightSums: LargeBuffer<Scalar>

  /// How many rows of tiles use a column's part of the panel while it is in the cache.
  private static var rowsAtOnce: Int { 4 }
  /// From how many blocks on a triangle is halved: sums of fewer cost more than they save.
  private static var leastToHalve: Int { 16 }

  init(_ gram: TiledGram<Scalar>) {
    self.gram = gram
    panel = GramPanel(blocks: gram.blocks)
    let sums = (gram.blocks / 4 + 1) * GramPanel<Scalar>.depth * gram.side
    leftSums = LargeBuffer(count: sums, zeroed: false)
    rightSums = LargeBuffer(count: sums, zeroed: false)
  }

  /// Adds the products of `width` rows of the longer side.
  mutating func add(_ matrix: MatrixView<Float>, start: Int, width: Int, scale: Scalar) {
    panel.fill(matrix, start: start, width: width, scale: scale)
    addTriangle(0..<gram.blocks)
  }

  /// Adds to the lower half of what belongs to some blocks.
  private func addTriangle(_ blocks: Range<Int>) {
    guard blocks.count >= Self.leastToHalve else {
      return addDirectly(blocks, blocks.lowerBound..<blocks.upperBound)
    }
    let middle = blocks.lowerBound + (blocks.count + 1) / 2
    addTriangle(blocks.lowerBound..<middle)
    addRectangle(middle..<blocks.upperBound, blocks.lowerBound..<middle)
    addTriangle(middle..<blocks.upperBound)
  }

  /// Adds to tiles below the diagonal; what an odd row or column of tiles leaves, directly.
  private func addRectangle(_ rows: Range<Int>, _ columns: Range<Int>) {
    let (height, width) = (rows.count / 2, columns.count / 2)
    addByHalves(rows.lowerBound, columns.lowerBound, height: height, width: width)
    let (lastRow, lastColumn) = (rows.lowerBound + 2 * height, columns.lowerBound + 2 * width)
    addDirectly(rows.lowerBound..<lastRow, lastColumn..<columns.upperBound)
    addDirectly(lastRow..<rows.upperBound, columns)
  }

  /// Adds the products of both halves to tiles on and below the diagonal. What comes next is asked for
  /// in the meantime.
  private func addDirectly(_ rows: Range<Int>, _ columns: Range<Int>) {
    let square = gram.side * gram.side
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.rowsAtOnce) {
      let end = min(first + Self.rowsAtOnce, rows.upperBound)
      for column in columns.lowerBound..<min(end, columns.upperBound) {
        for row in max(first, column)..<end {
          let tile = gram.tile(row, column)
          let next = gram.tile(min(row + 1, end - 1), column)
          for half in 0..<2 {
            // The column after this one, some of it a call.
            let ahead = panel.right(min(column + 1, gram.blocks - 1), half)
            kernels.product(
              panel.left(row, half), panel.right(column, half), panel.depth, tile, 1, nil, 0, next,
              ahead + (row - first) * square)
          }
        }
      }
    }
  }
}
