import LinearAlgebra

/// The changes that divide the size of a product evenly between its two factors.
enum UnitBalance {
  /// Beyond this ratio of eigenvalues a Gram matrix counts as singular: its factors keep their shape and
  /// only share their size.
  private static let mostCondition = 1e10

  /// A symmetric map M with M·G·M = M⁻¹·H·M⁻¹ for the Gram matrices G of what is multiplied by M and H of
  /// what is divided by it: the square root of their geometric mean,
  /// M² = G^−½·(G^½·H·G^½)^½·G^−½.
  ///
  /// - Complexity: O(n³), three symmetric eigenvalue problems.
  static func general(_ first: Matrix<Double>, _ second: Matrix<Double>) throws -> UnitMap {
    let count = first.rows
    guard count > 0 else { return .order([], factors: nil) }
    let scale = scalar(first, second, Array(0..<count))
    let plain = UnitMap.factors(Array(repeating: scale, count: count))
    guard let roots = try powers(first) else { return plain }
    let inner = BLAS.product(BLAS.product(roots.root, second), roots.root)
    guard let middle = try powers(symmetric(inner)) else { return plain }
    let square = symmetric(
      BLAS.product(BLAS.product(roots.inverse, middle.root), roots.inverse))
    guard let map = try powers(square) else { return plain }
    return .matrix(map.root, inverse: map.inverse)
  }

  /// The same where some channels are planes that are turned by position: one factor for each plane, and
  /// any map of the channels that are not turned.
  static func mixed(
    _ first: Matrix<Double>, _ second: Matrix<Double>, planes: [(first: Int, second: Int)]
  ) throws -> UnitMap {
    if planes.isEmpty { return try general(first, second) }
    let count = first.rows
    var matrix = Matrix<Double>(zeros: count, count)
    var inverse = matrix
    for plane in planes {
      let factor = scalar(first, second, [plane.first, plane.second])
      for channel in [plane.first, plane.second] {
        matrix[channel, channel] = factor
        inverse[channel, channel] = 1 / factor
      }
    }
    let rest = Array((2 * planes.count)..<count)
    if !rest.isEmpty {
      let (map, back) = try general(part(first, rest), part(second, rest)).matrices
      for (row, place) in rest.enumerated() {
        for (column, other) in rest.enumerated() {
          matrix[place, other] = map[row, column]
          inverse[place, other] = back[row, column]
        }
      }
    }
    return .matrix(matrix, inverse: inverse)
  }

  /// Rows and columns of a matrix.
  static func part(_ matrix: Matrix<Double>, _ entries: [Int]) -> Matrix<Double> {
    Matrix(rows: entries.count, columns: entries.count) { matrix[entries[$0], entries[$1]] }
  }

  /// Adds the inner products of a tensor's units with each other.
  static func addGram(of values: [Double], _ blocks: UnitBlocks, to gram: inout Matrix<Double>) {
    let units = blocks.starts.count
    var packed: [Double] = []
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for range in blocks.ranges {
        blocks.pack(base, range, into: &packed)
        let rows = packed.count / max(1, units)
        let part = Matrix(
          rows: blocks.block == 1 ? rows : units, columns: blocks.block == 1 ? units : blocks.block,
          values: packed)
        let product = BLAS.gram(part, ofRows: blocks.block != 1)
        for index in gram.values.indices { gram.values[index] += product.values[index] }
      }
    }
  }

  private static func scalar(
    _ first: Matrix<Double>, _ second: Matrix<Double>, _ channels: [Int]
  ) -> Double {
    let sums = channels.reduce(into: (0.0, 0.0)) {
      $0.0 += first[$1, $1]
      $0.1 += second[$1, $1]
    }
    guard sums.0 > 0, sums.1 > 0 else { return 1 }
    return (sums.1 / sums.0).squareRoot().squareRoot()
  }

  private static func symmetric(_ matrix: Matrix<Double>) -> Matrix<Double> {
    Matrix(rows: matrix.rows, columns: matrix.columns) {
      (matrix[$0, $1] + matrix[$1, $0]) / 2
    }
  }

  /// The root of a positive matrix, and the inverse of the root; nil where it is close to singular.
  private static func powers(
    _ matrix: Matrix<Double>
  ) throws -> (root: Matrix<Double>, inverse: Matrix<Double>)? {
    let eigen = try SymmetricEigenvectors(matrix)
    guard let least = eigen.values.first, let most = eigen.values.last, least > 0,
      most <= mostCondition * least
    else { return nil }
    func power(_ exponent: (Double) -> Double) -> Matrix<Double> {
      let factors = eigen.values.map(exponent)
      let scaled = Matrix(rows: matrix.rows, columns: matrix.rows) {
        eigen.vectors[$0, $1] * factors[$1]
      }
      return BLAS.product(scaled, eigen.vectors, transposingRight: true)
    }
    return (power { $0.squareRoot() }, power { 1 / $0.squareRoot() })
  }
}
