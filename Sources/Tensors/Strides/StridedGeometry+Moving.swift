import Support

extension StridedGeometry {
  /// Gathers the elements from their extent into row-major order.
  ///
  /// - Parameters:
  ///   - extent: `extentByteCount` bytes.
  ///   - tensor: `byteCount` bytes.
  /// - Complexity: O(elements).
  package func gather(from extent: UnsafeRawBufferPointer, to tensor: UnsafeMutableRawBufferPointer)
  {
    forEachTile { tile in
      guard let from = extent.baseAddress, let to = tensor.baseAddress else { return }
      tile.forEachElement(elementByteCount) { dense, strided in
        (to + dense).copyMemory(from: from + strided, byteCount: elementByteCount)
      }
    }
  }

  /// Scatters row-major elements over their extent; what lies between them stays.
  ///
  /// - Complexity: O(elements).
  package func scatter(
    from tensor: UnsafeRawBufferPointer, to extent: UnsafeMutableRawBufferPointer
  ) {
    forEachTile { tile in
      guard let from = tensor.baseAddress, let to = extent.baseAddress else { return }
      tile.forEachElement(elementByteCount) { dense, strided in
        (to + strided).copyMemory(from: from + dense, byteCount: elementByteCount)
      }
    }
  }

  /// A rectangle of elements: two axes of the tensor at fixed indices of the others.
  package struct Tile {
    /// Elements before it, in row-major order and in the extent.
    package var dense: Int
    package var strided: Int
    /// The two lengths, and the distances of neighbours along them.
    package var rows: Int
    package var columns: Int
    package var denseStrides: (row: Int, column: Int)
    package var strides: (row: Int, column: Int)

    @inline(__always)
    package func forEachElement(_ size: Int, _ body: (Int, Int) -> Void) {
      for row in 0..<rows {
        var to = (dense + row * denseStrides.row) * size
        var from = (strided + row * strides.row) * size
        for _ in 0..<columns {
          body(to, from)
          to += denseStrides.column * size
          from += strides.column * size
        }
      }
    }
  }

  /// Cuts the tensor into tiles of the axis that is fastest in memory and the axis that is fastest in
  /// the extent, so that both sides of a transposition stay in the cache.
  package func forEachTile(_ body: (Tile) -> Void) {
    guard byteCount > 0 else { return }
    let dense = StridedGeometry.rowMajor(shape)
    let long = shape.indices.filter { shape[$0] > 1 }
    guard let column = long.last else {
      return body(
        Tile(
          dense: 0, strided: 0, rows: 1, columns: 1, denseStrides: (0, 0), strides: (0, 0)))
    }
    let row = long.dropLast().min { strides[$0] < strides[$1] }
    let side = 64
    let rows = row.map { shape[$0] } ?? 1
    let outer = long.filter { $0 != column && $0 != row }
    var index = Array(repeating: 0, count: outer.count)
    var (to, from) = (0, 0)
    while true {
      for firstRow in stride(from: 0, to: rows, by: side) {
        for firstColumn in stride(from: 0, to: shape[column], by: side) {
          let rowStrides = row.map { (dense[$0], strides[$0]) } ?? (0, 0)
          body(
            Tile(
              dense: to + firstRow * rowStrides.0 + firstColumn * dense[column],
              strided: from + firstRow * rowStrides.1 + firstColumn * strides[column],
              rows: min(side, rows - firstRow), columns: min(side, shape[column] - firstColumn),
              denseStrides: (rowStrides.0, dense[column]),
              strides: (rowStrides.1, strides[column])))
        }
      }
      var axis = outer.count - 1
      while axis >= 0 {
        index[axis] += 1
        to += dense[outer[axis]]
        from += strides[outer[axis]]
        if index[axis] < shape[outer[axis]] { break }
        to -= dense[outer[axis]] * shape[outer[axis]]
        from -= strides[outer[axis]] * shape[outer[axis]]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
