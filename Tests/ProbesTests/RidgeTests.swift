import LinearAlgebra
import Testing

@testable import Probes

@Suite struct RidgeTests {
  /// Solves a small system by elimination with pivots: independent of what is tested.
  private func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
    var rows = zip(matrix, right).map { $0 + [$1] }
    let count = rows.count
    for column in 0..<count {
      let pivot = (column..<count).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
      rows.swapAt(column, pivot)
      for row in 0..<count where row != column {
        let factor = rows[row][column] / rows[column][column]
        for at in column...count { rows[row][at] -= factor * rows[column][at] }
      }
    }
    return (0..<count).map { rows[$0][count] / rows[$0][$0] }
  }

  /// The scores of ridge regression with a free constant, from the normal equations.
  private func direct(
    _ points: [[Double]], _ wanted: [Double], penalty: Double, at place: [Double]
  ) -> Double {
    let width = points[0].count
    let means = (0..<width).map { column in
      points.reduce(0) { $0 + $1[column] } / Double(points.count)
    }
    let mean = wanted.reduce(0, +) / Double(wanted.count)
    let centred = points.map { zip($0, means).map { $0 - $1 } }
    let normal = (0..<width).map { row in
      (0..<width).map { column in
        centred.reduce(0) { $0 + $1[row] * $1[column] } + (row == column ? penalty : 0)
      }
    }
    let right = (0..<width).map { row in
      zip(centred, wanted).reduce(0) { $0 + $1.0[row] * ($1.1 - mean) }
    }
    let weights = solve(normal, right)
    return mean + zip(weights, zip(place, means)).reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) }
  }

  private func points(_ count: Int) -> (points: [[Double]], wanted: [Double]) {
    var generator = SeededGenerator(seed: 11)
    let points = (0..<count).map { _ in (0..<4).map { _ in generator.normal() + 2 } }
    return (points, points.map { $0[0] - 0.5 * $0[2] + 0.3 * generator.normal() })
  }

  private func gram(_ points: [[Double]], _ others: [[Double]]) -> Matrix<Double> {
    Matrix(rows: points.count, columns: others.count) { row, column in
      zip(points[row], others[column]).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  @Test func innerProductsAloneGiveTheSolutionOfTheNormalEquations() throws {
    let (points, wanted) = points(15)
    let ridge = try KernelRidge(
      gram(points, points), wanted: Matrix(rows: 15, columns: 1, values: wanted))
    let places = [[0, 1, 2, 3], [2, 2, 2, 2], [-1, 0.5, 4, 0]].map { $0.map { Double($0) } }
    let scores = ridge.scores(gram(places, points))
    for (row, place) in places.enumerated() {
      let expected = direct(points, wanted, penalty: ridge.penalty, at: place)
      #expect(abs(scores[row, 0] - expected) < 1e-9)
    }
    #expect(abs((0..<15).reduce(0) { $0 + ridge.dual[$1, 0] }) < 1e-9)
  }

  /// The closed form of leaving one out against leaving each out in turn.
  @Test func leavingOneOutIsWhatItSays() throws {
    let (points, wanted) = points(9)
    let penalty = 0.7
    let decomposition = try SymmetricEigenvectors(LayerGram.doublyCentred(gram(points, points)))
    let mean = wanted.reduce(0, +) / 9
    let offsets = Matrix<Double>(rows: 9, columns: 1, values: wanted.map { $0 - mean })
    let closed = KernelRidge.leftOutError(
      decomposition.values.map { max(0, $0) }, decomposition.vectors,
      decomposition.vectors.mapped { $0 * $0 },
      BLAS.product(decomposition.vectors, transposingLeft: true, offsets), offsets,
      penalty: penalty)
    var sum = 0.0
    for out in 0..<9 {
      let rest = (0..<9).filter { $0 != out }
      let score = direct(
        rest.map { points[$0] }, rest.map { wanted[$0] }, penalty: penalty, at: points[out])
      sum += (score - wanted[out]) * (score - wanted[out]) / 9
    }
    #expect(abs(closed - sum) < 1e-9)
  }

  /// What a file keeps of a dense probe says the same as the inner products, also of factors.
  @Test(arguments: [nil, 2] as [Int?])
  func keptWeightsGiveTheSameScores(_ rank: Int?) throws {
    var generator = SeededGenerator(seed: 3)
    let stride = rank.map { $0 * 11 } ?? 30
    // Far from zero, as the weights of fine-tunes are beside their differences.
    let stack = LayerStack<Float>(
      rows: 6, columns: 5, rank: rank,
      values: (0..<20 * stride).map { Float(3 + Double($0 % stride) + generator.normal()) })
    let input = ProbeInput(stack: stack)
    let targets = ProbeTargets.classes((0..<20).map { $0 % 3 }, count: 3)
    let fitted = try DenseProbe().fit(
      input, targets, training: Array(0..<14), validation: [], settings: ProbeSettings(), jobs: 2)
    let dual = try fitted.scores(of: Array(0..<20), in: input, jobs: 1)
    let kept = try #require(try fitted.kept(from: input, jobs: 1))
    let primal = try kept.scores(of: Array(0..<20), in: input)
    #expect(kept.parameterCount == 3 * 30 + 3)
    // The weights are stored in Float32, the matrices are about 30 long in each of 30 places.
    for (own, other) in zip(primal.values, dual.values) { #expect(abs(own - other) < 1e-3) }
  }

  @Test func theInnerProductsAreThoseOfDifferencesFromTheMean() throws {
    let models = SyntheticModels(count: 7, signal: 1, apart: 100)
    let gram = try LayerGram.centred(models.stack)
    let size = models.stack.stride
    func element(_ model: Int, _ at: Int) -> Double {
      Double(models.stack.values[model * size + at])
    }
    for one in 0..<7 {
      for other in 0..<7 {
        let expected = (0..<size).reduce(0.0) { sum, at in
          let mean = (0..<7).reduce(0.0) { $0 + element($1, at) } / 7
          return sum + (element(one, at) - mean) * (element(other, at) - mean)
        }
        #expect(abs(gram[one, other] - expected) < 1e-8)
      }
    }
  }

  /// A number that is the same in all models has no part, whatever it is in others.
  @Test func constantNumbersHaveNoPart() throws {
    let numbers = Matrix<Double>(rows: 6, columns: 2) { $1 == 0 ? Double($0) : 5 }
    let ridge = try NumberRidge(
      numbers, training: [0, 1, 2, 3, 4, 5], targets: .numbers([1, 2, 3, 4, 5, 6]))
    let other = Matrix<Double>(rows: 1, columns: 2, values: [2, 1e9])
    #expect(abs(ridge.scores(other)[0, 0] - 3) < 0.2)
  }

  @Test func modelsThatAreAllTheSameGiveTheMean() throws {
    let ridge = try KernelRidge(
      Matrix(zeros: 3, 3), wanted: Matrix(rows: 3, columns: 1, values: [1, 2, 6]))
    #expect(ridge.scores(Matrix(zeros: 1, 3))[0, 0] == 3)
  }
}
