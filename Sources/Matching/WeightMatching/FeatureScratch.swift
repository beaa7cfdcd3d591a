import LinearAlgebra

/// Room for features that do not lie in the tensor as a matrix.
struct FeatureScratch {
  private var values: [Float] = []

  /// Lends features of a tensor as a matrix.
  mutating func withFeatures(
    _ features: ArraySlice<Int>, of term: MatchingTerm, _ tensor: UnsafePointer<Float>,
    _ body: (MatrixView<Float>) -> Void
  ) {
    let (rows, columns) = term.matrixShape(featureCount: features.count)
    if let rowStride = term.rowStride(of: features), let first = features.first {
      body(
        MatrixView(base: tensor + first, rows: rows, columns: columns, rowStride: rowStride))
      return
    }
    withRoom(rows, columns, body) { target in
      if term.unitStride == 1 {
        for (row, feature) in features.enumerated() {
          (target + row * columns).update(from: tensor + feature, count: columns)
        }
        return
      }
      features.withUnsafeBufferPointer { features in
        for row in 0..<rows {
          let source = tensor + row * term.unitStride
          let target = target + row * columns
          var index = 0
          while index < columns {
            target[index] = source[features[index]]
            index &+= 1
          }
        }
      }
    }
  }

  /// Lends the differences of pairs of features as a matrix.
  mutating func withDifferences(
    _ features: [(Int, Int)], of term: MatchingTerm, _ tensor: UnsafePointer<Float>,
    _ body: (MatrixView<Float>) -> Void
  ) {
    let (rows, columns) = term.matrixShape(featureCount: features.count)
    withRoom(rows, columns, body) { target in
      if term.unitStride == 1 {
        for (row, feature) in features.enumerated() {
          let (first, second) = (tensor + feature.0, tensor + feature.1)
          let target = target + row * columns
          var index = 0
          while index < columns {
            target[index] = first[index] - second[index]
            index &+= 1
          }
        }
        return
      }
      features.withUnsafeBufferPointer { features in
        for row in 0..<rows {
          let source = tensor + row * term.unitStride
          let target = target + row * columns
          var index = 0
          while index < columns {
            let (first, second) = features[index]
            target[index] = source[first] - source[second]
            index &+= 1
          }
        }
      }
    }
  }

  private mutating func withRoom(
    _ rows: Int, _ columns: Int, _ body: (MatrixView<Float>) -> Void,
    fill: (UnsafeMutablePointer<Float>) -> Void
  ) {
    if values.count < rows * columns {
      values = Array(repeating: 0, count: rows * columns)
    }
    values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      fill(base)
      body(MatrixView(base: base, rows: rows, columns: columns))
    }
  }
}
