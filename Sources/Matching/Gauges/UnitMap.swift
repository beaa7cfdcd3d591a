import LinearAlgebra

/// A linear change of units, with its reverse.
enum UnitMap: Sendable, Hashable {
  /// Unit `order[i]` comes to place i, times `factors[i]`.
  case order([Int], factors: [Double]?)
  /// Unit i becomes the sum of all units with row i of the matrix as weights.
  case matrix(Matrix<Double>, inverse: Matrix<Double>)

  /// A rotation: its inverse is its transpose.
  static func rotation(_ matrix: Matrix<Double>) -> UnitMap {
    .matrix(matrix, inverse: matrix.transposed())
  }

  /// Factors without another order.
  static func factors(_ factors: [Double]) -> UnitMap {
    .order(Array(factors.indices), factors: factors)
  }

  /// The change that undoes this one.
  var inverse: UnitMap {
    switch self {
    case .matrix(let matrix, let inverse): return .matrix(inverse, inverse: matrix)
    case .order(let order, let factors):
      let back = Permuting.inverse(order)
      return .order(back, factors: factors.map { factors in back.map { 1 / factors[$0] } })
    }
  }

  /// The number of units.
  var size: Int {
    switch self {
    case .order(let order, _): order.count
    case .matrix(let matrix, _): matrix.rows
    }
  }

  /// This change after another.
  func after(_ first: UnitMap) -> UnitMap {
    switch (self, first) {
    case (.order(let order, let factors), .order(let old, let oldFactors)):
      let both = order.indices.map { (factors?[$0] ?? 1) * (oldFactors?[order[$0]] ?? 1) }
      return .order(
        order.map { old[$0] }, factors: factors == nil && oldFactors == nil ? nil : both)
    default:
      let (a, b) = (matrices, first.matrices)
      return .matrix(
        BLAS.product(a.matrix, b.matrix), inverse: BLAS.product(b.inverse, a.inverse))
    }
  }

  /// The change as a matrix, and its inverse.
  var matrices: (matrix: Matrix<Double>, inverse: Matrix<Double>) {
    switch self {
    case .matrix(let matrix, let inverse): return (matrix, inverse)
    case .order(let order, let factors):
      var matrix = Matrix<Double>(zeros: order.count, order.count)
      var inverse = matrix
      for (place, unit) in order.enumerated() {
        matrix[place, unit] = factors?[place] ?? 1
        inverse[unit, place] = 1 / (factors?[place] ?? 1)
      }
      return (matrix, inverse)
    }
  }

  /// Whether nothing changes.
  var isIdentity: Bool {
    guard case .order(let order, let factors) = self else { return false }
    return order.enumerated().allSatisfy { $0.offset == $0.element }
      && (factors?.allSatisfy { $0 == 1 } ?? true)
  }
}

extension UnitMap {
  /// Changes the units of a tensor.
  ///
  /// - Parameters:
  ///   - values: all elements, row-major.
  ///   - blocks: where its units lie.
  /// - Complexity: O(elements) for an order, 2·units·elements operations for a matrix.
  func apply<Scalar: BLASScalar>(to values: inout [Scalar], _ blocks: UnitBlocks) {
    let units = blocks.starts.count
    precondition(units == size, "a change has as many units as it is applied to")
    if isIdentity { return }
    let converted: Matrix<Scalar>? =
      if case .matrix(let matrix, _) = self {
        Matrix(rows: units, columns: units, values: matrix.values.map { Scalar($0) })
      } else { nil }
    var packed: [Scalar] = []
    var changed: [Scalar] = []
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for range in blocks.ranges {
        blocks.pack(UnsafePointer(base), range, into: &packed)
        changed.removeAll(keepingCapacity: true)
        changed.append(contentsOf: repeatElement(0, count: packed.count))
        if let converted {
          Self.multiply(converted, packed, &changed, units: units, block: blocks.block)
        } else {
          reorder(packed, &changed, units: units, block: blocks.block)
        }
        blocks.unpack(changed, range, into: base)
      }
    }
  }

  private static func multiply<Scalar: BLASScalar>(
    _ matrix: Matrix<Scalar>, _ packed: [Scalar], _ changed: inout [Scalar], units: Int, block: Int
  ) {
    let rows = packed.count / max(1, units)
    matrix.withView { matrix in
      packed.withUnsafeBufferPointer { source in
        changed.withUnsafeMutableBufferPointer { target in
          guard let source = source.baseAddress, let target = target.baseAddress else { return }
          if block == 1 {
            BLAS.multiply(
              MatrixView(base: source, rows: rows, columns: units), matrix, transposingRight: true,
              into: MutableMatrixView(base: target, rows: rows, columns: units))
          } else {
            BLAS.multiply(
              matrix, MatrixView(base: source, rows: units, columns: block),
              into: MutableMatrixView(base: target, rows: units, columns: block))
          }
        }
      }
    }
  }

  private func reorder<Scalar: BLASScalar>(
    _ packed: [Scalar], _ changed: inout [Scalar], units: Int, block: Int
  ) {
    guard case .order(let order, let factors) = self else { return }
    let scales = factors?.map { Scalar($0) }
    packed.withUnsafeBufferPointer { source in
      changed.withUnsafeMutableBufferPointer { target in
        for first in stride(from: 0, to: source.count, by: units * block) {
          for (place, unit) in order.enumerated() {
            let (to, from) = (first + place * block, first + unit * block)
            let scale = scales?[place] ?? 1
            for index in 0..<block { target[to + index] = scale * source[from + index] }
          }
        }
      }
    }
  }
}
