import LinearAlgebra
import ModelGraph
import Support
import Synchronization

/// A point of the relaxed problem with the gradient there, and the steps that climb.
struct FrankWolfeRun: Sendable {
  private let problem: MatchingProblem
  private let jobs: Int?
  private var point: RelaxedPoint
  /// For each group minus the gradient at the point: what an assignment makes small.
  private var costs: [[Float]]
  /// The permutations that were last looked at, and the same there.
  private let vertices: [VertexBox]
  private let solvers: [SolverBox]

  /// Starts at permutations, or where there are none where every unit is in every place alike.
  init(_ problem: MatchingProblem, start: [[Int]]?, jobs: Int?) throws {
    self.problem = problem
    self.jobs = jobs
    solvers = problem.groups.map { SolverBox(size: $0.size) }
    let vertices = problem.groups.indices.map { VertexBox(group: $0) }
    self.vertices = vertices
    point = RelaxedPoint(sizes: problem.groups.map(\.size))
    if let start {
      point.move(to: start, by: 1)
      costs = try Parallel.map(count: problem.groups.count, jobs: jobs) { group in
        vertices[group].withCosts(problem, at: start) { $0 }
      }
    } else {
      costs = try Parallel.map(count: problem.groups.count, jobs: jobs) { group in
        var own = problem.constantCosts(of: group)
        for term in problem.terms[group] where !term.isConstant {
          term.subtractProducts(
            term.features, b: term.atBarycentre(problem.groups), from: &own)
        }
        return own
      }
    }
  }

  /// Goes a part of the way to permutations.
  mutating func move(to permutations: [[Int]], by share: Double) throws {
    point.move(to: permutations, by: share)
    let (problem, vertices, known) = (problem, vertices, costs)
    costs = []
    costs = try Parallel.map(count: known.count, jobs: jobs) { group in
      vertices[group].withCosts(problem, at: permutations) { ahead in
        combined(known[group], ahead) { $0 + Float(share) * ($1 - $0) }
      }
    }
  }

  /// Climbs until the linear bound on what can still be gained is of the size of rounding.
  ///
  /// - Returns: the number of steps.
  mutating func climb(maximumSteps: Int, onStep: (Int) -> Void) throws -> Int {
    let scale = problem.scales.reduce(0, +)
    for step in 0..<maximumSteps {
      guard !Task.isCancelled else { throw Diagnostic(.interrupted, "matching was interrupted") }
      let (costs, solvers, vertices) = (costs, solvers, vertices)
      let (problem, point) = (problem, point)
      let ahead = try Parallel.map(count: costs.count, jobs: jobs) { group in
        try solvers[group].minimize(costs[group])
      }
      let slopes = try Parallel.map(count: costs.count, jobs: jobs) { group in
        let here = point.slope(costs[group], to: ahead[group], of: group)
        let there = vertices[group].withCosts(problem, at: ahead) {
          point.slope($0, to: ahead[group], of: group)
        }
        return (here: here, there: there)
      }
      let slope = slopes.reduce(0) { $0 + $1.here }
      guard slope > 1e-7 * scale else { return step }
      let slopeThere = slopes.reduce(0) { $0 + $1.there }
      // The slope falls (or rises) linearly from one end to the other.
      try move(to: ahead, by: slopeThere >= 0 ? 1 : slope / (slope - slopeThere))
      onStep(step + 1)
    }
    return maximumSteps
  }

  /// The permutations nearest to the point.
  func rounded() throws -> [[Int]] {
    try Parallel.map(count: solvers.count, jobs: jobs) { group in
      try solvers[group].minimize(point.matrix(of: group).map { -$0 })
    }
  }
}

/// Minus the gradient at permutations, brought up to date by what moved since the last ones.
private final class VertexBox: Sendable {
  private struct State {
    var costs: [Float] = []
    var sources: [[Int]] = []
  }

  private let group: Int
  private let state = Mutex(State())

  init(group: Int) { self.group = group }

  /// Lends the costs at permutations.
  ///
  /// - Complexity: matrix products for the features that moved.
  func withCosts<Result: Sendable>(
    _ problem: MatchingProblem, at permutations: [[Int]], _ body: ([Float]) -> Result
  ) -> Result {
    state.withLock { state in
      problem.update(&state.costs, of: group, &state.sources, to: permutations)
      return body(state.costs)
    }
  }
}
