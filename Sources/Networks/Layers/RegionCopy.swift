/// Copies between a dense block and a box inside a larger dense block: padding, cropping,
/// concatenation and their gradients.
struct RegionCopy {
  /// Where each run of the box starts in the larger block; the runs lie one after another in the
  /// smaller.
  private let starts: [Int]
  private let runLength: Int
  private let outerCount: Int

  /// A box.
  ///
  /// - Parameters:
  ///   - region: the shape of the box.
  ///   - outer: the shape of the block around it, of the same rank.
  ///   - offset: where the box begins on each axis.
  init(region: [Int], inside outer: [Int], offset: [Int]) {
    let strides = rowMajorStrides(outer)
    outerCount = outer.reduce(1, *)
    // Trailing axes that the box fills are one run with the axis before them.
    var axis = region.count - 1
    while axis > 0, region[axis] == outer[axis] { axis -= 1 }
    runLength = region[axis...].reduce(1, *)
    var starts = [zip(offset, strides).reduce(0) { $0 + $1.0 * $1.1 }]
    for outerAxis in 0..<axis {
      starts = starts.flatMap { start in
        (0..<region[outerAxis]).map { start + $0 * strides[outerAxis] }
      }
    }
    self.starts = starts
  }

  /// Copies the smaller block into the box.
  func put(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, clearing: Bool
  ) {
    if clearing { target.update(repeating: 0, count: outerCount) }
    for (run, start) in starts.enumerated() {
      (target + start).update(from: source + run * runLength, count: runLength)
    }
  }

  /// Copies the box into the smaller block.
  func take(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    for (run, start) in starts.enumerated() {
      (target + run * runLength).update(from: source + start, count: runLength)
    }
  }
}
