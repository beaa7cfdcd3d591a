import LinearAlgebra

/// Families of cost matrices on which assignment solvers differ.
enum AssignmentProblem: String, CaseIterable, Sendable {
  case uniform, gaussianGram, lowRank, planted, ties, constant, integers, huge, tiny, mixedScales

  /// The costs of one problem of the family.
  func costs(_ size: Int, seed: UInt64) -> Matrix<Float> {
    var generator = SeededGenerator(seed: seed).derived(UInt64(size))
    func normals(_ columns: Int, _ scale: (Int) -> Double = { _ in 1 }) -> Matrix<Float> {
      Matrix(rows: size, columns: columns) { Float(generator.normal() * scale($1)) }
    }
    switch self {
    case .uniform:
      return Matrix(rows: size, columns: size) { _, _ in Float(generator.uniform()) }
    case .gaussianGram:
      return BLAS.product(normals(size), normals(size), transposingRight: true)
    case .lowRank:
      let left = normals(size) { 1 / Double($0 + 1) }
      return BLAS.product(left, normals(size) { 1 / Double($0 + 1) }, transposingRight: true)
    case .planted:
      let left = normals(size)
      let order = generator.permutation(count: size)
      let right = Matrix<Float>(rows: size, columns: size) {
        left[order[$0], $1] + Float(0.1 * generator.normal())
      }
      return BLAS.product(left, right, transposingRight: true).mapped { -$0 }
    case .ties:
      return Matrix(rows: size, columns: size) { _, _ in Float(generator.integer(below: 3)) }
    case .constant:
      return Matrix(rows: size, columns: size) { _, _ in -7.5 }
    case .integers:
      return Matrix(rows: size, columns: size) { _, _ in Float(generator.integer(below: 1 << 20)) }
    case .huge:
      return Matrix(rows: size, columns: size) { _, _ in Float(generator.normal() * 1e37) }
    case .tiny:
      return Matrix(rows: size, columns: size) { _, _ in Float(generator.normal() * 1e-39) }
    case .mixedScales:
      return Matrix(rows: size, columns: size) { row, _ in
        Float(generator.normal() * Double.exp10(Double(row % 13) - 6))
      }
    }
  }
}

extension Double {
  fileprivate static func exp10(_ exponent: Double) -> Double {
    var result = 1.0
    for _ in 0..<Int(abs(exponent)) { result *= exponent < 0 ? 0.1 : 10 }
    return result
  }
}
