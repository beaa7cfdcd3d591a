import LinearAlgebra
import ModelGraph
import WorkbenchCore

/// A point of the relaxed problem with the gradient there, and the steps that climb.
struct FrankWolfeRun: Sendable {
  private let problem: MatchingProblem
  private let jobs: Int?
  /// For each group a doubly stochastic matrix: how much of unit j is in place i.
  private var points: [[Float]]
  /// For each group minus the gradient: what an assignment makes small.
  private var costs: [[Float]]
  private let solvers: [SolverBox]

  /// A run without a start.
  init(_ problem: MatchingProblem, jobs: Int?) {
    self.problem = problem
    self.jobs = jobs
    points = problem.groups.map { Array(repeating: 0, count: $0.size * $0.size) }
    costs = points
    solvers = problem.groups.map { SolverBox(size: $0.size) }
  }

  /// Starts at permutations.
  mutating func start(at permutations: [[Int]]) throws {
    for group in points.indices {
      points[group] = Self.matrix(permutations[group])
    }
    costs = try costs(at: permutations)
  }

  /// Starts where every unit is in every place alike.
  mutating func startAtBarycentre() {
    for (group, units) in problem.groups.map(\.size).enumerated() {
      points[group] = Array(repeating: 1 / Float(max(1, units)), count: units * units)
      var own = problem.constantCosts(of: group)
      for term in problem.terms[group] where !term.isConstant {
        term.subtractProducts(
          term.features, b: term.atBarycentre(problem.groups), from: &own)
      }
      costs[group] = own
    }
  }

  /// Goes a part of the way to permutations.
  mutating func move(to permutations: [[Int]], by share: Float) throws {
    mix(permutations, try costs(at: permutations), share)
  }

  /// Climbs until the linear bound on what can still be gained is of the size of rounding.
  ///
  /// - Returns: the number of steps.
  mutating func climb(maximumSteps: Int, onStep: (Int) -> Void) throws -> Int {
    let scale = problem.scales.reduce(0, +)
    for step in 0..<maximumSteps {
      let vertices = try assigned(costs)
      let slope = Self.product(costs, points) - Self.product(costs, vertices)
      guard slope > 1e-7 * scale else { return step }
      let ahead = try costs(at: vertices)
      let slopeThere = Self.product(ahead, points) - Self.product(ahead, vertices)
      // The slope falls (or rises) linearly from one end to the other.
      let share = slopeThere >= 0 ? 1 : slope / (slope - slopeThere)
      mix(vertices, ahead, Float(share))
      onStep(step + 1)
    }
    return maximumSteps
  }

  /// The permutations nearest to the point.
  func rounded() throws -> [[Int]] { try assigned(points.map { $0.map { -$0 } }) }

  private mutating func mix(_ permutations: [[Int]], _ ahead: [[Float]], _ share: Float) {
    for group in points.indices {
      let units = permutations[group].count
      Self.scale(&points[group], 1 - share)
      for (place, unit) in permutations[group].enumerated() {
        points[group][place * units + unit] += share
      }
      Self.blend(&costs[group], ahead[group], share)
    }
  }

  private func assigned(_ costs: [[Float]]) throws -> [[Int]] {
    try Parallel.map(count: costs.count, jobs: jobs) { group in
      try solvers[group].minimize(costs[group])
    }
  }

  private func costs(at permutations: [[Int]]) throws -> [[Float]] {
    try Parallel.map(count: permutations.count, jobs: jobs) { group in
      problem.costs(
        of: group, sources: problem.terms[group].map { $0.sources(permutations) })
    }
  }

  /// A permutation as a matrix, row-major: 1 where a unit is put in a place.
  static func matrix(_ permutation: [Int]) -> [Float] {
    var values = Array(repeating: Float(0), count: permutation.count * permutation.count)
    for (place, unit) in permutation.enumerated() { values[place * permutation.count + unit] = 1 }
    return values
  }

  private static func product(_ costs: [[Float]], _ points: [[Float]]) -> Double {
    zip(costs, points).reduce(0.0) { $0 + dotProduct($1.0, $1.1) }
  }

  private static func product(_ costs: [[Float]], _ permutations: [[Int]]) -> Double {
    zip(costs, permutations).reduce(0.0) { total, pair in
      pair.1.enumerated().reduce(total) { $0 + Double(pair.0[$1.0 * pair.1.count + $1.1]) }
    }
  }

  private static func scale(_ values: inout [Float], _ factor: Float) {
    for index in values.indices { values[index] *= factor }
  }

  private static func blend(_ values: inout [Float], _ others: [Float], _ share: Float) {
    for index in values.indices { values[index] += share * (others[index] - values[index]) }
  }
}
