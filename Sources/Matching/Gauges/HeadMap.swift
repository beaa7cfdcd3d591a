import LinearAlgebra
import ModelGraph

/// The best map within a pair of heads, of those that the attention and the level allow.
struct HeadMap {
  private let planes: [(first: Int, second: Int)]
  private let isNormalized: Bool
  private let level: SymmetryLevel

  init(_ attention: AttentionSymmetry, level: SymmetryLevel) {
    planes = attention.planes
    isNormalized = attention.isNormalized
    self.level = level
  }

  /// The map of values and of what reads them that makes ⟨map, products⟩ largest, and what it gains.
  func value(_ products: Matrix<Double>) throws -> (UnitMap, Double) {
    switch level {
    case .orthogonal, .auto:
      let (rotation, gain) = try Rotations.decided(products)
      return (.rotation(rotation), gain)
    case .signed, .permutation:
      return try assigned(products, hasSigns: level == .signed)
    }
  }

  /// What `value` gains.
  func valueGain(_ products: Matrix<Double>) throws -> Double {
    guard level == .orthogonal || level == .auto else { return try value(products).1 }
    // Sums of singular values do not need more digits than Float32 products have.
    return try SingularValues.of(products.single).reduce(0, +)
  }

  /// What `queryKey` gains.
  func queryKeyGain(_ products: Matrix<Double>) throws -> Double {
    if planes.isEmpty, !isNormalized { return try valueGain(products) }
    return try queryKey(products).1
  }

  /// The same of queries and keys.
  func queryKey(_ products: Matrix<Double>) throws -> (UnitMap, Double) {
    if planes.isEmpty, !isNormalized { return try value(products) }
    let width = products.rows
    var matrix = Matrix<Double>(zeros: width, width)
    var gain = 0.0
    for plane in planes {
      let (first, second) = (plane.first, plane.second)
      let real = products[first, first] + products[second, second]
      let imaginary = products[second, first] - products[first, second]
      let size = (real * real + imaginary * imaginary).squareRoot()
      let isTurned = (level == .orthogonal || level == .auto) && !isNormalized
      let map: PlaneMap
      if isTurned {
        map =
          size > 0
          ? PlaneMap(cosine: real / size, sine: imaginary / size) : PlaneMap(cosine: 1, sine: 0)
        gain += size
      } else {
        let isMirrored = level != .permutation && real < 0
        map = PlaneMap(cosine: isMirrored ? -1 : 1, sine: 0)
        gain += isMirrored ? -real : real
      }
      map.write(plane, into: &matrix)
    }
    let rest = Array((2 * planes.count)..<width)
    if isNormalized {
      for channel in rest {
        let product = products[channel, channel]
        let isMirrored = level != .permutation && product < 0
        matrix[channel, channel] = isMirrored ? -1 : 1
        gain += isMirrored ? -product : product
      }
    } else if !rest.isEmpty {
      let (map, more) = try value(UnitBalance.part(products, rest))
      let found = map.matrices.matrix
      for (row, place) in rest.enumerated() {
        for (column, other) in rest.enumerated() { matrix[place, other] = found[row, column] }
      }
      gain += more
    }
    return (.rotation(matrix), gain)
  }

  private func assigned(
    _ products: Matrix<Double>, hasSigns: Bool
  ) throws -> (UnitMap, Double) {
    let single = products.single
    let map = try UnitAssignment.best(
      carrying: single, plain: Matrix(zeros: single.rows, single.columns), hasSigns: hasSigns)
    guard case .order(let order, let factors) = map else { return (map, 0) }
    let gain = order.enumerated().reduce(0.0) {
      $0 + (factors?[$1.offset] ?? 1) * products[$1.offset, $1.element]
    }
    return (map, gain)
  }
}

extension Matrix<Double> {
  fileprivate var single: Matrix<Float> {
    Matrix<Float>(rows: rows, columns: columns, values: values.map { Float($0) })
  }
}
