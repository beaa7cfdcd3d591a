import WorkbenchCore

/// Takes a Gram matrix to a band with the same eigenvalues, by blocks of Householder reflections
/// (Dongarra, Sorensen and Hammarling, 1989; the two-stage reduction of Bischof, Lang and Sun).
///
/// A panel of columns is factored as soon as the reflections before it have reached it. They reach
/// the rest of the matrix while the new ones are multiplied by it, so that every tile passes through
/// the cache once a panel.
struct BandReduction<Scalar: ReductionScalar> {
  private let gram: TiledGram<Scalar>
  private let band: SymmetricBand<Scalar>
  private let side: Int
  private let square: Int
  /// The panel, column-major, and later the blocks of W.
  private let panel: LargeBuffer<Scalar>
  /// What belongs to a row of tiles, four squares after each other: Vᵀ and Wᵀ of the reflections that
  /// the tiles still miss, V and A·V of those after them.
  private let records: LargeBuffer<Scalar>
  /// T and products of the same size.
  private let small: LargeBuffer<Scalar>

  /// The band of a Gram matrix, which is used up.
  ///
  /// - Throws: `Diagnostic` of code `failed` where a panel cannot be factored.
  /// - Complexity: 4/3·n³ operations, nearly all of them products of tiles.
  static func band(of gram: consuming TiledGram<Scalar>) throws -> SymmetricBand<Scalar> {
    let reduction = BandReduction(gram)
    try reduction.run()
    return reduction.band
  }

  private init(_ gram: consuming TiledGram<Scalar>) {
    side = gram.side
    square = side * side
    band = SymmetricBand(count: gram.count, side: side)
    let size = gram.blocks * square
    panel = LargeBuffer(count: size)
    records = LargeBuffer(count: 4 * size)
    small = LargeBuffer(count: 4 * square)
    self.gram = gram
  }

  private func run() throws {
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
      try factorPanel(block)
      multiply(from: block + 1, updating: block > 0)
      formFactors(from: block + 1)
    }
  }

  private func record(_ block: Int, _ part: Part) -> UnsafeMutablePointer<Scalar> {
    records.base + (4 * block + part.rawValue) * square
  }

  /// Takes from a tile what the last reflections take, and announces what is needed after it.
  private func update(
    _ row: Int, _ column: Int, nextTile: UnsafePointer<Scalar>, nextOperand: UnsafePointer<Scalar>
  ) {
    Scalar.tileUpdate(
      record(row, .transposedVectors), record(column, .transposedVectors), gram.tile(row, column),
      side: side, nextTile: nextTile, nextOperand: nextOperand)
  }

  /// Copies the lower half of a tile of the diagonal to the band.
  private func keepDiagonal(_ block: Int) {
    let tile = gram.tile(block, block)
    for column in 0..<side {
      let target = band.base + (block * side + column) * band.stride
      for row in column..<side { target[row - column] = tile[row * side + column] }
    }
  }

  /// Factors the tiles below the diagonal of a column of tiles: R to the band, V to `vectors`.
  private func factorPanel(_ block: Int) throws {
    let first = block + 1
    let rows = (gram.blocks - first) * side
    for lower in first..<gram.blocks {
      let tile = gram.tile(lower, block)
      let target = panel.base + (lower - first) * side
      for column in 0..<side {
        for row in 0..<side { target[column * rows + row] = tile[row * side + column] }
      }
    }
    let info = Scalar.panelFactors(rows: rows, columns: side, panel.base, small.base)
    guard info == 0 else {
      throw Diagnostic(.failed, "a Gram matrix of \(gram.count) was not reduced (\(info))")
    }
    for column in 0..<side {
      let source = panel.base + column * rows
      let target = band.base + (block * side + column) * band.stride + side - column
      for row in 0...column { target[row] = source[row] }
      for row in 0..<column { source[row] = 0 }
      source[column] = 1
    }
    for lower in first..<gram.blocks {
      let target = record(lower, .vectors)
      for column in 0..<side {
        let source = panel.base + column * rows + (lower - first) * side
        for row in 0..<side { target[row * side + column] = source[row] }
      }
    }
  }

  /// A·V over the tiles from a block on, each first brought up to date.
  private func multiply(from first: Int, updating: Bool) {
    for block in first..<gram.blocks { record(block, .products).update(repeating: 0, count: square) }
    // Two rows of tiles use what belongs to a column while it is in the cache.
    for start in stride(from: first, to: gram.blocks, by: 2) {
      let end = min(start + 2, gram.blocks)
      for column in first..<end {
        for row in max(start, column)..<end {
          let isLast = row + 1 == end
          let ahead = UnsafePointer(record(column + 1, .transposedVectors))
            + (isLast ? 2 * square : 0)
          if updating {
            let next = isLast ? gram.tile(start, column + 1) : gram.tile(row + 1, column)
            update(row, column, nextTile: next, nextOperand: ahead)
          }
          Scalar.tileApply(
            gram.tile(row, column), rowVectors: record(row, .vectors),
            columnVectors: record(column, .vectors), rowProducts: record(row, .products),
            columnProducts: record(column, .products), side: side, isDiagonal: row == column,
            nextOperand: ahead + square)
        }
      }
    }
  }

  /// W = A·V·T - ½·V·Tᵀ·Vᵀ·A·V·T, and it and V transposed.
  private func formFactors(from first: Int) {
    let (t, vay, middle) = (small.base, small.base + square, small.base + 2 * square)
    // LAPACK leaves what lies below T's diagonal as it was.
    for column in 0..<side {
      for row in 0..<side where row > column { t[column * side + row] = 0 }
    }
    let rowMajor = small.base + 3 * square
    transpose(t, into: rowMajor)
    panel.base.update(repeating: 0, count: (gram.blocks - first) * square)
    vay.update(repeating: 0, count: 2 * square)
    for block in first..<gram.blocks {
      let y = panel.base + (block - first) * square
      multiply(record(block, .products), rowMajor, into: y)
      Scalar.tileGram(
        record(block, .vectors), y, vay, side: side, depth: side, nextTile: y, nextOperand: y)
    }
    // t by rows is Tᵀ.
    multiply(t, vay, into: middle)
    for index in 0..<square { middle[index] *= -0.5 }
    for block in first..<gram.blocks {
      let w = panel.base + (block - first) * square
      multiply(record(block, .vectors), middle, into: w)
      transpose(record(block, .vectors), into: record(block, .transposedVectors))
      transpose(w, into: record(block, .transposedFactors))
    }
  }

  /// target += left·right, all of them squares.
  private func multiply(
    _ left: UnsafePointer<Scalar>, _ right: UnsafePointer<Scalar>,
    into target: UnsafeMutablePointer<Scalar>
  ) {
    Scalar.tileApply(
      left, rowVectors: right, columnVectors: right, rowProducts: target, columnProducts: target,
      side: side, isDiagonal: true, nextOperand: left + square)
  }

  private func transpose(
    _ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>
  ) {
    for row in 0..<side {
      for column in 0..<side { target[column * side + row] = source[row * side + column] }
    }
  }
}

/// The parts of a record.
private enum Part: Int {
  case transposedVectors, transposedFactors, vectors, products
}
