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
  /// The panel, column-major, and its reflections V and the products A·V, row-major from block 0.
  private let panel, vectors, products: LargeBuffer<Scalar>
  /// A block's tiles Vᵀ and Wᵀ, one after the other.
  private let factors: LargeBuffer<Scalar>
  /// T, VᵀAV, and what comes between.
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
    vectors = LargeBuffer(count: size)
    products = LargeBuffer(count: size)
    factors = LargeBuffer(count: 2 * size)
    small = LargeBuffer(count: 3 * square)
    self.gram = gram
  }

  private func run() throws {
    for block in 0..<gram.blocks {
      if block > 0 {
        for row in block..<gram.blocks { update(row, block) }
      }
      keepDiagonal(block)
      guard block + 1 < gram.blocks else { break }
      try factorPanel(block)
      multiply(from: block + 1, updating: block > 0)
      formFactors(from: block + 1)
    }
  }

  /// A tile without what the last reflections took from it.
  private func update(_ row: Int, _ column: Int) {
    Scalar.tileUpdate(
      factors.base + 2 * row * square, factors.base + 2 * column * square, gram.tile(row, column),
      side: side)
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
    let target = vectors.base + first * square
    for start in stride(from: 0, to: rows, by: side) {
      for column in 0..<side {
        let source = panel.base + column * rows + start
        for row in 0..<side { target[(start + row) * side + column] = source[row] }
      }
    }
  }

  /// `products` ← A·V over the tiles from a block on, each first brought up to date.
  private func multiply(from first: Int, updating: Bool) {
    (products.base + first * square).update(
      repeating: 0, count: (gram.blocks - first) * square)
    // Several rows of tiles use what belongs to a column while it is in the cache.
    let group = 3
    for start in stride(from: first, to: gram.blocks, by: group) {
      let end = min(start + group, gram.blocks)
      for column in first..<end {
        for row in max(start, column)..<end {
          if updating { update(row, column) }
          Scalar.tileApply(
            gram.tile(row, column), rowVectors: vectors.base + row * square,
            columnVectors: vectors.base + column * square,
            rowProducts: products.base + row * square,
            columnProducts: products.base + column * square, side: side,
            isDiagonal: row == column)
        }
      }
    }
  }

  /// W = A·V·T - ½·V·Tᵀ·Vᵀ·A·V·T, and its tiles and V's transposed.
  private func formFactors(from first: Int) {
    let rows = (gram.blocks - first) * side
    let v = MatrixView(base: UnsafePointer(vectors.base + first * square), rows: rows, columns: side)
    let z = MutableMatrixView(base: products.base + first * square, rows: rows, columns: side)
    let y = MutableMatrixView(base: panel.base, rows: rows, columns: side)
    let between = MutableMatrixView(base: small.base + square, rows: side, columns: side)
    let middle = MutableMatrixView(base: small.base + 2 * square, rows: side, columns: side)
    // T is column-major: its transpose as a view of rows. What lies below its diagonal is not set.
    for column in 0..<side {
      for row in (column + 1)..<max(side, column + 1) { small.base[column * side + row] = 0 }
    }
    let t = MatrixView(base: UnsafePointer(small.base), rows: side, columns: side)
    BLAS.multiply(MatrixView(z), t, transposingRight: true, into: y)
    BLAS.multiply(v, transposingLeft: true, MatrixView(y), into: between)
    BLAS.multiply(t, MatrixView(between), into: middle)
    BLAS.multiply(v, MatrixView(middle), into: y, scale: -0.5, keeping: 1)
    for block in first..<gram.blocks {
      let target = factors.base + 2 * block * square
      transpose(vectors.base + block * square, into: target)
      transpose(panel.base + (block - first) * square, into: target + square)
    }
  }

  private func transpose(
    _ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>
  ) {
    for row in 0..<side {
      for column in 0..<side { target[column * side + row] = source[row * side + column] }
    }
  }
}

extension MatrixView {
  /// The same elements, only read.
  fileprivate init(_ view: MutableMatrixView<Scalar>) {
    self.init(
      base: UnsafePointer(view.base), rows: view.rows, columns: view.columns,
      rowStride: view.rowStride)
  }
}
