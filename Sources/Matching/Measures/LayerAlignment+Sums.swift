import LinearAlgebra
import WorkbenchCore

extension LayerAlignment {
  /// What a kernel adds to R, for each order of B's entries and each threshold: a sum, and the number
  /// of vectors.
  ///
  /// The sum over i and j of `(u_iᵃ·u_jᵇ)(v_iᵃ·v_jᵇ)` is the inner product of `Σ u_iᵃ v_iᵃᵀ` and
  /// `Σ u_jᵇ v_jᵇᵀ`: partial polar factors, of which a smaller threshold's has further terms. One of
  /// each network serves any order of B's entries.
  ///
  /// - Complexity: two matrix products, and a pass over both factors for each order and threshold.
  static func sums(
    _ layer: Layer, _ gathers: [AxisGather?], _ thresholds: [Double]
  ) -> [[(sum: Double, count: Double)]] {
    let orders = gathers.map {
      sources(shape: layer.shape, outputAxis: layer.kernel.outputAxis, $0)
    }
    var (first, second) = (PolarFactor(layer.a), PolarFactor(layer.b))
    var found = gathers.map { _ in thresholds.map { _ in (sum: 0.0, count: 0.0) } }
    for index in thresholds.indices.sorted(by: { thresholds[$0] > thresholds[$1] }) {
      let threshold = thresholds[index]
      first.add(to: keptCount(layer.a, threshold))
      second.add(to: keptCount(layer.b, threshold))
      let count = Double(min(first.count, second.count))
      for (place, order) in orders.enumerated() {
        found[place][index] = (
          first.inner(second, rows: order.rows, columns: order.columns), count
        )
      }
    }
    return found
  }
}

/// The sum of `left[i]·right[i]ᵀ` over the first vectors of a kernel, [outputs, inputs].
private struct PolarFactor {
  private let kernel: DecomposedNetwork.DecomposedKernel
  private var sum: Matrix<Float>
  /// How many vectors are in the sum.
  private(set) var count = 0

  init(_ kernel: DecomposedNetwork.DecomposedKernel) {
    self.kernel = kernel
    sum = Matrix(zeros: kernel.left.columns, kernel.right.columns)
  }

  /// Adds vectors, until there are so many.
  mutating func add(to end: Int) {
    guard end > count else { return }
    let begin = count
    kernel.left.withView { left in
      kernel.right.withView { right in
        sum.withMutableView { sum in
          BLAS.multiply(
            MatrixView(
              base: left.base + begin * left.rowStride, rows: end - begin, columns: left.columns),
            transposingLeft: true,
            MatrixView(
              base: right.base + begin * right.rowStride, rows: end - begin,
              columns: right.columns),
            into: sum, keeping: 1)
        }
      }
    }
    count = end
  }

  /// The inner product with another factor, whose rows and columns come from other places.
  func inner(_ other: PolarFactor, rows: [Int]?, columns: [Int]?) -> Double {
    let width = sum.columns
    var moved = Array(repeating: Float(0), count: columns == nil ? 0 : width)
    return (0..<sum.rows).reduce(0.0) { total, row in
      let own = sum.values[row * width..<(row + 1) * width]
      let source = (rows?[row] ?? row) * width
      guard let columns else {
        return total + dotProduct(own, other.sum.values[source..<source + width])
      }
      other.sum.values.withUnsafeBufferPointer { values in
        for (index, column) in columns.enumerated() { moved[index] = values[source + column] }
      }
      return total + dotProduct(own, moved[...])
    }
  }
}
