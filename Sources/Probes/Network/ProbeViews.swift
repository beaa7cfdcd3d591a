import LinearAlgebra

/// What the branches of a network see of small matrices: X, X·Xᵀ, Xᵀ and Xᵀ·X of every model, made once
/// for a training.
///
/// Products of single small matrices cost more in calls than in arithmetic. Views that lie one after the
/// other are multiplied by probes in one product for several models.
final class ProbeViews<Scalar: BLASScalar>: Sendable {
  /// Views of more elements are worth a product each.
  static var largest: Int { 1 << 13 }

  /// The sides of a branch's views: [points, inputs].
  private let sizes: [(points: Int, inputs: Int)]
  /// The views of each branch, model by model, row-major.
  private let values: [[Scalar]]

  /// Makes the views; nil where matrices are large or kept as factors.
  ///
  /// - Complexity: O(models · side³) for a Gram matrix, O(elements) for the others.
  init?(_ stack: LayerStack<Scalar>, branches: [ProbeBranch]) {
    let sizes = branches.map { branch in
      (
        points: branch.pointCount(rows: stack.rows, columns: stack.columns),
        inputs: branch.inputCount(rows: stack.rows, columns: stack.columns)
      )
    }
    let isSmall = sizes.allSatisfy { points, inputs in
      let (size, overflows) = points.multipliedReportingOverflow(by: inputs)
      return !overflows && size <= Self.largest
    }
    guard stack.rank == nil, isSmall else { return nil }
    self.sizes = sizes
    values = branches.map { Self.views(of: stack, $0) }
  }

  private static func views(of stack: LayerStack<Scalar>, _ branch: ProbeBranch) -> [Scalar] {
    if branch == .outputs { return stack.values }
    let (rows, columns) = (stack.rows, stack.columns)
    let side = branch == .rowGram ? rows : columns
    let size = branch.isGram ? side * side : rows * columns
    return [Scalar](unsafeUninitializedCapacity: stack.count * size) { target, count in
      count = stack.count * size
      target.initialize(repeating: 0)
      guard let place = target.baseAddress else { return }
      stack.values.withUnsafeBufferPointer { values in
        guard let base = values.baseAddress else { return }
        for model in 0..<stack.count {
          let own = base + model * stack.stride
          if branch.isGram {
            let matrix = MatrixView(base: own, rows: rows, columns: columns)
            BLAS.multiply(
              matrix, transposingLeft: branch == .columnGram, matrix,
              transposingRight: branch == .rowGram,
              into: MutableMatrixView(base: place + model * size, rows: side, columns: side))
          } else {
            for row in 0..<rows {
              for column in 0..<columns {
                place[model * size + column * rows + row] = own[row * columns + column]
              }
            }
          }
        }
      }
    }
  }

  /// The sides of a branch's view.
  func size(of branch: Int) -> (points: Int, inputs: Int) { sizes[branch] }

  /// Puts the views of some models one after the other.
  func gather(
    _ models: ArraySlice<Int>, _ branch: Int, into target: UnsafeMutablePointer<Scalar>
  ) {
    let size = sizes[branch].points * sizes[branch].inputs
    values[branch].withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for (row, model) in models.enumerated() {
        (target + row * size).update(from: base + model * size, count: size)
      }
    }
  }
}
