import LinearAlgebra
import Support
import Testing

@Suite struct LinearAssignmentTests {
  /// The least cost over all n! assignments, in Float64, by recursion over rows.
  private func exhaustive(_ costs: Matrix<Float>) -> Double {
    var best = Double.infinity
    var used = Array(repeating: false, count: costs.rows)
    func descend(_ row: Int, _ total: Double) {
      if row == costs.rows {
        best = min(best, total)
        return
      }
      for column in 0..<costs.rows where !used[column] {
        used[column] = true
        descend(row + 1, total + Double(costs[row, column]))
        used[column] = false
      }
    }
    descend(0, 0)
    return best
  }

  private func largest(_ costs: Matrix<Float>) -> Double {
    costs.values.reduce(0.0) { max($0, abs(Double($1))) }
  }

  @Test(arguments: AssignmentProblem.allCases, Array(1...8))
  func agreesWithExhaustiveSearch(_ problem: AssignmentProblem, _ size: Int) throws {
    for seed in 0..<(size < 8 ? 20 : 2) as Range<UInt64> {
      let costs = problem.costs(size, seed: seed)
      var solver = LinearAssignment(size: size)
      let solution = try solver.minimize(costs)
      #expect(solution.columns.sorted() == Array(0..<size))
      // Both are sums of the same n Float64 numbers in some order.
      let tolerance = 1e-15 * Double(size) * largest(costs)
      #expect(abs(solution.total - exhaustive(costs)) <= tolerance)
    }
  }

  /// Weak duality, computed apart from the solver: nothing can cost less than the bound. What
  /// remains is rounding of Float64 potentials: a few units in the last place a row.
  @Test(
    arguments: AssignmentProblem.allCases, [9, 15, 16, 17, 31, 33, 64, 100, 257, 512])
  func provesItsOptimality(_ problem: AssignmentProblem, _ size: Int) throws {
    let costs = problem.costs(size, seed: 1)
    var solver = LinearAssignment(size: size)
    let solution = try solver.minimize(costs)
    try expectProved(solution, costs, solver)
  }

  @Test(arguments: [AssignmentProblem.uniform, .gaussianGram, .lowRank, .planted, .ties])
  func provesItsOptimalityOfLargeProblems(_ problem: AssignmentProblem) throws {
    for size in [1024, 2048] where problem != .lowRank || size == 1024 {
      let costs = problem.costs(size, seed: 2)
      var solver = LinearAssignment(size: size)
      let solution = try solver.minimize(costs)
      try expectProved(solution, costs, solver)
    }
  }

  @Test(arguments: [AssignmentProblem.uniform, .ties])
  func provesItsOptimalityOfTheLargest(_ problem: AssignmentProblem) throws {
    let costs = problem.costs(4096, seed: 3)
    var solver = LinearAssignment(size: 4096)
    try expectProved(try solver.minimize(costs), costs, solver)
  }

  private func expectProved(
    _ solution: LinearAssignment.Solution, _ costs: Matrix<Float>, _ solver: LinearAssignment
  ) throws {
    let size = costs.rows
    #expect(solution.columns.sorted() == Array(0..<size))
    let gap = LinearAssignment.optimalityGap(
      of: solution.columns, costs: costs, columnPotentials: solver.columnPotentials)
    let tolerance = 1e-14 * Double(size) * largest(costs)
    #expect(gap <= tolerance)
    #expect(gap >= -tolerance)
    #expect(solution.optimalityGap <= tolerance)
    let total = solution.columns.enumerated().reduce(0.0) {
      $0 + Double(costs[$1.offset, $1.element])
    }
    #expect(abs(total - solution.total) <= tolerance)
  }

  /// The certificate must be able to fail: exchange two rows' columns and it shows the loss.
  @Test func certificateSeesAWorseAssignment() throws {
    let costs = AssignmentProblem.gaussianGram.costs(40, seed: 3)
    var solver = LinearAssignment(size: 40)
    let solution = try solver.minimize(costs)
    var worse = solution.columns
    worse.swapAt(3, 17)
    let loss =
      worse.enumerated().reduce(0.0) { $0 + Double(costs[$1.offset, $1.element]) } - solution.total
    let gap = LinearAssignment.optimalityGap(
      of: worse, costs: costs, columnPotentials: solver.columnPotentials)
    #expect(loss > 0)
    #expect(abs(gap - loss) < 1e-9)
  }

  /// Any start gives the same optimum: the potentials of another problem, noise, a large offset.
  @Test(arguments: [AssignmentProblem.uniform, .gaussianGram, .lowRank, .ties])
  func warmStartsReachTheSameOptimum(_ problem: AssignmentProblem) throws {
    let size = 120
    let costs = problem.costs(size, seed: 4)
    var cold = LinearAssignment(size: size)
    let expected = try cold.minimize(costs)
    var generator = SeededGenerator(seed: 9)
    for scale in [0.01, 1, 100, 1e7, 1e12] {
      var warm = LinearAssignment(size: size)
      _ = try warm.minimize(problem.costs(size, seed: 5))
      warm.columnPotentials = warm.columnPotentials.map { $0 + scale * generator.normal() }
      let solution = try warm.minimize(costs)
      let tolerance = 1e-14 * Double(size) * max(largest(costs), scale)
      #expect(abs(solution.total - expected.total) <= tolerance)
      #expect(solution.optimalityGap <= tolerance)
    }
  }

  /// Units that died give rows and columns of zeros. Without a rule for ties a search would walk
  /// through all of them for each: half a billion row passes here instead of some thousands.
  @Test(.timeLimit(.minutes(1)), arguments: [Float(0), -7.5])
  func manyEqualCostsAreQuick(_ value: Float) throws {
    var generator = SeededGenerator(seed: 8)
    let size = 2048
    let isDead = (0..<size).map { _ in generator.uniform() < 0.7 }
    let costs = Matrix<Float>(rows: size, columns: size) {
      isDead[$0] || isDead[size - 1 - $1] ? value : Float(generator.normal())
    }
    var solver = LinearAssignment(size: size)
    let solution = try solver.minimize(costs)
    try expectProved(solution, costs, solver)
  }

  @Test func refusesWhatItCannotSolve() throws {
    var solver = LinearAssignment(size: 3)
    #expect(throws: Diagnostic.self) { try solver.minimize(Matrix(zeros: 3, 4)) }
    #expect(throws: Diagnostic.self) { try solver.minimize(Matrix(zeros: 4, 4)) }
    for bad in [Float.nan, .infinity, -.infinity] {
      var costs = Matrix<Float>(zeros: 3, 3)
      costs[2, 1] = bad
      #expect(throws: Diagnostic.self) { try solver.minimize(costs) }
    }
    var empty = LinearAssignment(size: 0)
    #expect(try empty.minimize(Matrix(zeros: 0, 0)).columns == [])
  }
}
