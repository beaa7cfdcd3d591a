import LinearAlgebra

/// Orthonormal vectors, one after another in memory, to which further ones are made orthogonal.
struct OrthonormalBasis {
  /// The length of each.
  let dimension: Int
  /// How many there are.
  private(set) var count = 0
  private(set) var values: [Double] = []

  init(dimension: Int) { self.dimension = dimension }

  /// One of the vectors.
  subscript(index: Int) -> [Double] {
    Array(values[index * dimension..<(index + 1) * dimension])
  }

  /// Appends a vector of length 1 that is orthogonal to the others.
  mutating func append(_ vector: [Double]) {
    values.append(contentsOf: vector)
    count += 1
  }

  /// Takes from a vector its parts along the basis, twice, so that nothing is left of them but rounding
  /// (Parlett, "The Symmetric Eigenvalue Problem", section 6-9: twice is enough).
  ///
  /// - Returns: the parts.
  /// - Complexity: 8·count·dimension operations.
  func orthogonalize(_ vector: inout [Double]) -> [Double] {
    var parts = Array(repeating: 0.0, count: count)
    guard count > 0 else { return parts }
    for _ in 0..<2 {
      let round = products(vector)
      subtract(round, from: &vector)
      for index in parts.indices { parts[index] += round[index] }
    }
    return parts
  }

  /// The products with a vector.
  func products(_ vector: [Double]) -> [Double] {
    BLAS.useOneThread()
    var result = Array(repeating: 0.0, count: count)
    guard count > 0 else { return result }
    Double.gemm(
      false, false, Int32(count), 1, Int32(dimension), 1, values, Int32(dimension), vector, 1, 0,
      &result, 1)
    return result
  }

  /// The sum of the vectors with factors.
  func combination(_ factors: [Double]) -> [Double] {
    var result = Array(repeating: 0.0, count: dimension)
    subtract(factors.map { -$0 }, from: &result)
    return result
  }

  private func subtract(_ factors: [Double], from vector: inout [Double]) {
    guard count > 0 else { return }
    BLAS.useOneThread()
    Double.gemm(
      false, false, 1, Int32(dimension), Int32(count), -1, factors, Int32(count), values,
      Int32(dimension), 1, &vector, Int32(dimension))
  }
}

/// The Euclidean length.
func length(_ vector: [Double]) -> Double {
  dot(vector, vector).squareRoot()
}

/// The inner product.
func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for index in a.indices { sum += a[index] * b[index] }
  return sum
}
