/// Takes a Gram matrix to a band with the same eigenvalues, by blocks of Householder reflections
/// (Dongarra, Sorensen and Hammarling, 1989; the two-stage reduction of Bischof, Lang and Sun).
///
/// A panel of columns is factored as soon as the reflections before it have reached it. They reach
/// the rest of the matrix while the new ones are multiplied by it, so that every tile passes through
/// the cache once a panel.
struct BandReduction<Scalar: ReductionScalar> {
  let gram: TiledGram<Scalar>
  let kernels = Scalar.kernels
  private let band: SymmetricBand<Scalar>
  /// The side of a tile, and how many elements it has.
  let side, square: Int
  /// What belongs to a row of tiles, four squares after each other: Vᵀ and Wᵀ of the reflections that
  /// the tiles still miss, V and A·V of those after them.
  let records: LargeBuffer<Scalar>
  /// The reflections' factors, and four squares: T and products of its size.
  let small: LargeBuffer<Scalar>

  /// The band of a Gram matrix, which is used up.
  ///
  /// - Complexity: 4/3·n³ operations, nearly all of them products of tiles.
  static func band(of gram: consuming TiledGram<Scalar>) -> SymmetricBand<Scalar> {
    let reduction = BandReduction(gram)
    reduction.run()
    return reduction.band
  }

  private init(_ gram: consuming TiledGram<Scalar>) {
    side = gram.side
    square = side * side
    band = SymmetricBand(count: gram.count)
    records = LargeBuffer(count: 4 * gram.blocks * square)
    small = LargeBuffer(count: 5 * square)
    self.gram = gram
  }

  /// The parts of a record.
  enum Part: Int {
    case transposedVectors, transposedFactors, vectors, products
  }

  private func run() {
    for block in 0..<gram.blocks {
      if block > 0 {
        for row in block..<gram.blocks {
          let below = min(row + 1, gram.blocks - 1)
          update(
            row, block, nextTile: gram.tile(below, block),
            nextOperand: record(below, .transposedVectors))
        }
      }
      keepDiagonal(block)
      guard block + 1 < gram.blocks else { break }
      factorPanel(block)
      multiply(from: block + 1, updating: block > 0)
      formFactors(from: block + 1)
    }
  }

  /// A part of a record.
  func record(_ block: Int, _ part: Part) -> UnsafeMutablePointer<Scalar> {
    records.base + (4 * block + part.rawValue) * square
  }

  /// Takes from a tile what the last reflections take, and announces what is needed after it.
  private func update(
    _ row: Int, _ column: Int, nextTile: UnsafePointer<Scalar>, nextOperand: UnsafePointer<Scalar>
  ) {
    kernels.update(
      record(row, .transposedVectors), record(column, .transposedVectors), gram.tile(row, column),
      nextTile, nextOperand)
  }

  /// Copies the lower half of a tile of the diagonal to the band.
  private func keepDiagonal(_ block: Int) {
    let tile = gram.tile(block, block)
    for column in 0..<side {
      let target = band.base + (block * side + column) * band.stride
      for row in column..<side { target[row - column] = tile[row * side + column] }
    }
  }

  /// Factors the tiles below the diagonal of a column of tiles: R to the band, V to the records, the
  /// reflections' factors to `small`.
  private func factorPanel(_ block: Int) {
    let first = block + 1
    for lower in first..<gram.blocks {
      record(lower, .vectors).update(from: gram.tile(lower, block), count: square)
    }
    let top = record(first, .vectors)
    kernels.factorPanel(top, gram.blocks - first, 4 * square, small.base)
    for column in 0..<side {
      let target = band.base + (block * side + column) * band.stride + side - column
      for row in 0..<column {
        target[row] = top[row * side + column]
        top[row * side + column] = 0
      }
      target[column] = top[column * side + column]
      top[column * side + column] = 1
    }
  }

  /// A·V over the tiles from a block on, each first brought up to date.
  private func multiply(from first: Int, updating: Bool) {
    for block in first..<gram.blocks {
      record(block, .products).update(repeating: 0, count: square)
    }
    // Two rows of tiles use what belongs to a column while it is in the cache.
    for start in stride(from: first, to: gram.blocks, by: 2) {
      let end = min(start + 2, gram.blocks)
      for column in first..<end {
        for row in max(start, column)..<end {
          let isLast = row + 1 == end
          let ahead =
            UnsafePointer(record(column + 1, .transposedVectors))
            + (isLast ? 2 * square : 0)
          if updating {
            let next = isLast ? gram.tile(start, column + 1) : gram.tile(row + 1, column)
            update(row, column, nextTile: next, nextOperand: ahead)
          }
          kernels.apply(
            gram.tile(row, column), record(row, .vectors), record(column, .vectors),
            record(row, .products), record(column, .products), row == column, ahead + square)
        }
      }
    }
  }
}
