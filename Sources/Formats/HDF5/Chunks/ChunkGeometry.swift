package import Catalogs
import Support
import Tensors

/// How the blocks of a chunked tensor lie in the tensor. All sizes are checked when it is made.
package struct ChunkGeometry: Sendable {
  /// The tensor's shape.
  package let shape: [Int]
  /// A block's shape.
  package let chunkShape: [Int]
  /// The size of an element.
  package let elementByteCount: Int
  /// The size of a block without filters.
  package let chunkByteCount: Int
  /// The size of the tensor.
  package let byteCount: Int
  /// The numbers of blocks along each axis.
  package let grid: [Int]

  private let tensorStrides: [Int]
  private let chunkStrides: [Int]

  /// Checks and makes a geometry.
  ///
  /// - Throws: `Diagnostic` of code `badData` when the shapes do not fit or overflow.
  package init(shape: [Int], chunkShape: [Int], elementByteCount: Int) throws {
    guard shape.count == chunkShape.count, chunkShape.allSatisfy({ $0 > 0 }),
      let byteCount = checkedProduct(shape + [elementByteCount]),
      let chunkByteCount = checkedProduct(chunkShape + [elementByteCount])
    else { throw Diagnostic(.badData, "its shape overflows, or its chunk shape does not fit") }
    self.shape = shape
    self.chunkShape = chunkShape
    self.elementByteCount = elementByteCount
    self.byteCount = byteCount
    self.chunkByteCount = chunkByteCount
    grid = zip(shape, chunkShape).map { $0 == 0 ? 0 : ($0 - 1) / $1 + 1 }
    tensorStrides = ChunkGeometry.strides(shape, elementByteCount)
    chunkStrides = ChunkGeometry.strides(chunkShape, elementByteCount)
  }

  private static func strides(_ shape: [Int], _ elementByteCount: Int) -> [Int] {
    var strides = Array(repeating: elementByteCount, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }

  /// The number of blocks of the grid; nil where it overflows.
  package var cellCount: Int? { checkedProduct(grid) }

  /// The index of the first element of a block of the grid.
  package func origin(ofCell cell: Int) -> [Int] {
    var rest = cell
    var origin = chunkShape
    for axis in grid.indices.reversed() {
      origin[axis] = rest % grid[axis] * chunkShape[axis]
      rest /= grid[axis]
    }
    return origin
  }

  /// The place in the grid of the block whose first element has that index.
  package func cell(ofOrigin origin: [Int]) -> Int {
    grid.indices.reduce(0) { $0 * grid[$1] + origin[$1] / chunkShape[$1] }
  }

  /// Whether a block may lie there.
  package func contains(origin: [Int]) -> Bool {
    origin.count == shape.count
      && shape.indices.allSatisfy {
        origin[$0] >= 0 && origin[$0] < shape[$0] && origin[$0] % chunkShape[$0] == 0
      }
  }

  /// Whether every element lies in one of these blocks. Where a block is there twice, others are missing
  /// though their number is right.
  ///
  /// - Complexity: O(blocks).
  package func isCovered(by chunks: [TensorEntry.Chunk]) -> Bool {
    guard let count = cellCount, chunks.count >= count else { return false }
    var (seen, seenCount) = (Array(repeating: false, count: count), 0)
    for chunk in chunks where contains(origin: chunk.origin) {
      let cell = cell(ofOrigin: chunk.origin)
      if !seen[cell] { seenCount += 1 }
      seen[cell] = true
    }
    return seenCount == count
  }

  /// The range of the tensor's bytes that a block is, where it is one run of them.
  package func run(at origin: [Int]) -> Range<Int>? {
    guard !shape.isEmpty, shape[0] - origin[0] >= chunkShape[0],
      shape.dropFirst().elementsEqual(chunkShape.dropFirst())
    else { return nil }
    let start = origin[0] * tensorStrides[0]
    return start..<(start + chunkByteCount)
  }

  /// Calls `body` for every run of bytes that a block shares with the tensor: the offset in the
  /// tensor, the offset in the block, the length. What lies outside the tensor is left out.
  package func forEachRun(at origin: [Int], _ body: (Int, Int, Int) -> Void) {
    var extent = shape.indices.map { min(chunkShape[$0], shape[$0] - origin[$0]) }
    if extent.contains(where: { $0 <= 0 }) { return }
    // The innermost axes that the block and the tensor share in full are one run.
    var axis = shape.count - 1
    while axis > 0, shape[axis] == chunkShape[axis] { axis -= 1 }
    var start = 0
    for index in shape.indices { start += origin[index] * tensorStrides[index] }
    guard axis >= 0 else { return body(0, 0, elementByteCount) }
    let length = extent[axis] * tensorStrides[axis]
    extent.removeSubrange(axis...)
    var index = Array(repeating: 0, count: axis)
    var from = 0
    while true {
      body(start, from, length)
      var outer = axis - 1
      while outer >= 0 {
        index[outer] += 1
        start += tensorStrides[outer]
        from += chunkStrides[outer]
        if index[outer] < extent[outer] { break }
        start -= extent[outer] * tensorStrides[outer]
        from -= extent[outer] * chunkStrides[outer]
        index[outer] = 0
        outer -= 1
      }
      if outer < 0 { return }
    }
  }
}
