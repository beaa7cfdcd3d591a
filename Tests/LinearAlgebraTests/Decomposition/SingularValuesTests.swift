import Support
import Testing

@testable import LinearAlgebra

@Suite("Singular values alone")
struct SingularValuesTests {
  private func random(_ rows: Int, _ columns: Int) -> Matrix<Float> {
    var generator = SeededGenerator(seed: UInt64(rows * 7919 + columns))
    return Matrix(rows: rows, columns: columns) { _, _ in Float(generator.normal()) }
  }

  /// The bar: within 1e-7 of the largest of what `gesdd` finds.
  private func check(
    _ matrix: Matrix<Float>, _ precision: SingularValues.Precision = .double, within: Double = 1e-7
  ) throws {
    let exact = try matrix.withView { try SingularValues.direct($0) }
    let values = try SingularValues.of(matrix, precision: precision)
    #expect(values.count == min(matrix.rows, matrix.columns))
    #expect(values == values.sorted(by: >) && values.allSatisfy { $0 >= 0 })
    let largest = exact.first ?? 0
    for (value, exact) in zip(values, exact) { #expect(abs(value - exact) <= within * largest) }
  }

  @Test(
    "as gesdd finds them, in both precisions",
    arguments: [(1, 1), (3, 90), (24, 24), (25, 25), (200, 60), (60, 200), (300, 300)])
  func agrees(_ rows: Int, _ columns: Int) throws {
    let matrix = random(rows, columns)
    try check(matrix)
    try check(matrix, .single, within: 2e-3)
  }

  /// Sides at which tiles, panels and halves of them end.
  @Test(
    "in tiles, of every remainder",
    arguments: [
      (160, 160), (167, 191), (192, 192), (193, 400), (400, 193), (288, 5000), (431, 431),
      (432, 700), (700, 480), (527, 529),
    ])
  func tiles(_ rows: Int, _ columns: Int) throws {
    let matrix = random(rows, columns)
    // A Gram matrix is off by a few roundings of σmax², and a value by that over twice itself: for the
    // smallest of a square one, some 10⁻⁴·σmax, about 10⁻¹¹ of the largest.
    try check(matrix, within: 1e-10)
    try check(matrix, .single, within: 2e-3)
    // The larger half has digits in Float32, too: a Gram matrix of n columns is off by about √n
    // roundings of its largest eigenvalue, and a value by that over twice itself.
    let exact = try SingularValues.of(matrix)
    let values = try SingularValues.of(matrix, precision: .single)
    for index in 0..<exact.count / 2 {
      let rounding = 4 * Double(exact.count).squareRoot() * 0x1p-24
      #expect(
        abs(values[index] - exact[index]) <= rounding * exact[0] * exact[0] / exact[index])
    }
  }

  /// `of` would hide an error here: it falls back to `gesdd` where eigenvalues come out negative.
  @Test(
    "squares by the Gram matrix alone, tall and wide, of all remainders",
    arguments: [(26, 30), (360, 361), (384, 389), (385, 600), (408, 577), (500, 1000), (553, 800)])
  func gram(_ short: Int, _ long: Int) throws {
    for matrix in [random(long, short), random(short, long)] {
      try matrix.withView { view in
        let exact = try SingularValues.direct(view).reversed().map { $0 * $0 }
        let squares = try SingularValues.gramTiled(view, largest: 4, as: Double.self)
        let singles = try SingularValues.gramTiled(view, largest: 4, as: Float.self)
        #expect(squares.count == short && singles.count == short)
        let largest = try #require(exact.last)
        for (index, exact) in exact.enumerated() {
          #expect(abs(squares[index] - exact) < 1e-13 * largest)
          #expect(abs(singles[index] - exact) < 2e-5 * largest)
        }
      }
    }
  }

  @Test("in tiles, what is hard: low rank, equal and graded values, tiny and huge elements")
  func difficultTiles() throws {
    try check(BLAS.product(random(500, 9), random(9, 450)))
    let identity = Matrix<Float>(rows: 420, columns: 420) { $0 == $1 ? 3 : 0 }
    for precision in SingularValues.Precision.allCases {
      let values = try SingularValues.of(identity, precision: precision)
      #expect(values.allSatisfy { abs($0 - 3) < 1e-6 })
    }
    for factor in [Float(1e-38), 1e-20, 1e25, 3e37] {
      let matrix = random(410, 405).mapped { $0 * factor }
      try check(matrix)
      try check(matrix, .single, within: 2e-3)
    }
    var graded = random(450, 420)
    for row in 0..<450 {
      for column in 0..<420 {
        graded[row, column] *= Float(sign: .plus, exponent: -column / 16, significand: 1)
      }
    }
    try check(graded)
    try check(graded, .single, within: 2e-3)
  }

  @Test("dead rows and columns, low rank, tiny and huge elements")
  func difficult() throws {
    var dead = random(120, 90)
    for column in 0..<90 { dead[7, column] = 0 }
    for row in 0..<120 where row != 3 { dead[row, 50] = 0 }
    dead[3, 50] = 0
    try check(dead)
    let values = try SingularValues.of(dead)
    #expect(values[88] > 0.01 && values[89] == 0)
    try check(BLAS.product(random(90, 6), random(6, 70)))
    try check(random(80, 80).mapped { $0 * 1e-20 }, .single, within: 2e-3)
    try check(random(80, 80).mapped { $0 * 1e25 }, .single, within: 2e-3)
    var graded = random(100, 100)
    for row in 0..<100 {
      for column in 0..<100 { graded[row, column] *= Float(1 / Double(1 << (column / 4))) }
    }
    try check(graded)
    #expect(try SingularValues.of(Matrix<Float>(zeros: 40, 30)) == Array(repeating: 0, count: 30))
    #expect(try SingularValues.of(Matrix<Float>(zeros: 0, 30)) == [])
    for value in [Float.nan, .infinity] {
      var matrix = random(40, 30)
      matrix[11, 13] = value
      #expect(throws: Diagnostic.self) { try SingularValues.of(matrix) }
    }
  }

  @Test(
    "a product's, without the product", arguments: [(40, 5, 30), (4, 9, 30), (30, 9, 4), (1, 1, 1)])
  func product(_ rows: Int, _ inner: Int, _ columns: Int) throws {
    let (left, right) = (random(rows, inner), random(inner, columns))
    let values = try SingularValues.ofProduct(left, right)
    let exact = try SingularValueDecomposition(
      BLAS.product(left.mapped { $0 }, right)
    ).values
    #expect(values.count == min(rows, inner, columns))
    for (value, exact) in zip(values, exact) {
      #expect(abs(value - exact) <= 1e-5 * (values.first ?? 0))
    }
    #expect(throws: Diagnostic.self) { try SingularValues.ofProduct(left, random(inner + 1, 3)) }
  }
}
