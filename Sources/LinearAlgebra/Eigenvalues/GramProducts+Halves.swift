/// One of the 7 products: of a sum of blocks of the left operand and one of the right, and where it
/// goes. Blocks are counted row by row: 0 and 1, then 2 and 3.
private struct HalvesProduct {
  typealias Terms = (first: Int, second: Int?, sign: Int)

  let left, right: Terms
  let targets: (first: Int, sign: Int, second: Int?, secondSign: Int)

  static let all = [
    Self(left: (0, 3, 1), right: (0, 3, 1), targets: (0, 1, 3, 1)),
    Self(left: (2, 3, 1), right: (0, nil, 0), targets: (2, 1, 3, -1)),
    Self(left: (0, nil, 0), right: (1, 3, -1), targets: (1, 1, 3, 1)),
    Self(left: (3, nil, 0), right: (2, 0, -1), targets: (0, 1, 2, 1)),
    Self(left: (0, 1, 1), right: (3, nil, 0), targets: (0, -1, 1, 1)),
    Self(left: (2, 0, -1), right: (0, 1, 1), targets: (3, 1, nil, 0)),
    Self(left: (1, 3, -1), right: (2, 3, 1), targets: (0, 1, nil, 0)),
  ]
}

extension GramProducts {
  /// Adds to `2·height` rows and `2·width` columns of tiles from a row and a column on. The left operand
  /// is halved by rows and by depth, the right one by depth and by columns.
  func addByHalves(_ firstRow: Int, _ firstColumn: Int, height: Int, width: Int) {
    for product in HalvesProduct.all {
      let left = operand(product.left, count: height, sums: leftSums) { index, part in
        panel.left(firstRow + part / 2 * height + index, part % 2)
      }
      let right = operand(product.right, count: width, sums: rightSums) { index, part in
        panel.right(firstColumn + part % 2 * width + index, part / 2)
      }
      func target(_ row: Int, _ column: Int, _ part: Int) -> UnsafeMutablePointer<Scalar> {
        gram.tile(firstRow + part / 2 * height + row, firstColumn + part % 2 * width + column)
      }
      let targets = product.targets
      for first in stride(from: 0, to: height, by: 4) {
        let end = min(first + 4, height)
        for column in 0..<width {
          for row in first..<end {
            let below = min(row + 1, height - 1)
            kernels.product(
              left(row), right(column), panel.depth, target(row, column, targets.first),
              Scalar(targets.sign), targets.second.map { target(row, column, $0) },
              Scalar(targets.secondSign), target(below, column, targets.first),
              row + 1 == end
                ? right(min(column + 1, width - 1))
                : UnsafePointer(target(below, column, targets.second ?? targets.first)))
          }
        }
      }
    }
  }

  /// Where the slabs of an operand are; sums are formed first.
  private func operand(
    _ terms: HalvesProduct.Terms, count: Int, sums: LargeBuffer<Scalar>,
    _ slab: @escaping (_ index: Int, _ part: Int) -> UnsafePointer<Scalar>
  ) -> (Int) -> UnsafePointer<Scalar> {
    guard let second = terms.second else { return { slab($0, terms.first) } }
    let stride = panel.slabCount
    for index in 0..<count {
      kernels.sum(
        slab(index, terms.first), slab(index, second), Scalar(terms.sign),
        sums.base + index * stride, stride)
    }
    return { UnsafePointer(sums.base + $0 * stride) }
  }
}
