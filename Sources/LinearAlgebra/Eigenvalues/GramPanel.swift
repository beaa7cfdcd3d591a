/// Some rows of the longer side of a matrix, packed for products of tiles, in two halves: for every
/// block of the shorter side and each half, a slab as the left operand and one as the right operand.
struct GramPanel<Scalar: ReductionScalar> {
  /// How many rows a half has at most: a slab and a strip of another fit the fastest cache.
  static var depth: Int { 96 }

  /// How many rows a half has.
  private(set) var depth = 0
  /// How many elements of a slab are used.
  var slabCount: Int { depth * Scalar.tileSide }
  private let lefts, rights: LargeBuffer<Scalar>

  init(blocks: Int) {
    let count = 2 * blocks * Self.depth * Scalar.tileSide
    lefts = LargeBuffer(count: count, zeroed: false)
    rights = LargeBuffer(count: count, zeroed: false)
  }

  /// Packs `width` rows of the longer side, at most twice the depth; the second half ends with zeros
  /// where they are odd.
  mutating func fill(
    _ matrix: MatrixView<Float>, start: Int, width: Int, scale: Scalar
  ) {
    let byColumns = matrix.rows >= matrix.columns
    let side = Scalar.tileSide
    let count = min(matrix.rows, matrix.columns)
    let (depthStep, columnStep) = byColumns ? (matrix.rowStride, 1) : (1, matrix.rowStride)
    depth = (width + 1) / 2
    for block in 0..<(count + side - 1) / side {
      for half in 0..<2 {
        let source =
          matrix.base + (start + half * depth) * depthStep + block * side * columnStep
        Scalar.kernels.pack(
          source, depthStep, columnStep, min(depth, width - half * depth),
          min(side, count - block * side), depth, scale, lefts.base + offset(block, half),
          rights.base + offset(block, half))
      }
    }
  }

  /// A block of a half as the left operand.
  func left(_ block: Int, _ half: Int) -> UnsafePointer<Scalar> {
    UnsafePointer(lefts.base + offset(block, half))
  }

  /// A block of a half as the right operand.
  func right(_ block: Int, _ half: Int) -> UnsafePointer<Scalar> {
    UnsafePointer(rights.base + offset(block, half))
  }

  private func offset(_ block: Int, _ half: Int) -> Int {
    (2 * block + half) * Self.depth * Scalar.tileSide
  }
}
