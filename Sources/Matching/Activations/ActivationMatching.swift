import LinearAlgebra
public import ModelGraph
public import Networks
public import Support
public import Tensors

/// Finds the permutations of B's hidden units whose activations on data are most like A's.
///
/// Each group is one linear assignment problem. Units are seen where they are read: at the inputs of
/// the layers whose kernels take the group, so after the activation function. Ainsworth et al. 2023,
/// section 3.1; Li et al., "Convergent learning", 2015.
public enum ActivationMatching {
  /// What of two units' activations is compared.
  public enum Statistic: String, Sendable, Hashable, CaseIterable {
    /// The mean of the products, `E[a·b]`: the best assignment is that of least squared distance.
    case uncentred
    /// The covariance.
    case covariance
    /// Pearson's correlation; 0 for a unit that never changes.
    case correlation
  }

  /// Matches B to A on data, in one pass.
  ///
  /// - Parameters:
  ///   - a: the network that stays.
  ///   - b: the network to permute, under A's names and in A's axis order.
  ///   - graph: A's graph, which runs both.
  ///   - groups: the axes that move together.
  ///   - examples: the data, of the network's input shape or one that `Dataset.adapted` knows.
  ///   - statistic: what is compared.
  ///   - batchSize: how many examples are held at once, with their activations.
  ///   - jobs: how many threads run the networks; the result does not depend on it.
  /// - Throws: `Diagnostic`: `usage` where there are no examples or no layer reads a group's units.
  /// - Complexity: a forward pass of both networks, and 2·units² operations a group, capture point,
  ///   position and example, in Float64.
  public static func match(
    _ a: Weights, _ b: Weights, graph: ModelGraph, groups: [PermutationGroup], examples: Dataset,
    statistic: Statistic = .correlation, batchSize: Int = 512, jobs: Int? = nil,
    progress: ProgressHandler? = nil
  ) throws -> WeightMatching.Result {
    let clock = ContinuousClock()
    let begin = clock.now
    let moments = try moments(
      a, b, graph: graph, groups: groups, examples: examples, batchSize: batchSize, jobs: jobs,
      progress: progress)
    let permutations = try Parallel.map(count: groups.count, jobs: jobs) { group in
      var likeness = Matrix<Double>(zeros: groups[group].size, groups[group].size)
      for part in moments[group] {
        let values = part.likeness(statistic)
        for index in values.indices { likeness.values[index] += values[index] }
      }
      // Scaled, so that Float32 holds them however large activations are.
      let largest = likeness.values.reduce(0) { max($0, abs($1)) }
      var solver = LinearAssignment(size: groups[group].size)
      return try solver.minimize(
        Matrix(
          rows: likeness.rows, columns: likeness.columns,
          values: likeness.values.map { Float(largest > 0 ? -$0 / largest : 0) })
      ).columns
    }
    return WeightMatching.Result(
      permutations: permutations,
      objectiveBefore: MatchingProblem.objective(
        a, b, Permuting.identity(for: groups), of: groups),
      objectiveAfter: MatchingProblem.objective(a, b, permutations, of: groups), sweeps: 1,
      restart: 0, seconds: (clock.now - begin) / .seconds(1))
  }

  private static func moments(
    _ a: Weights, _ b: Weights, graph: ModelGraph, groups: [PermutationGroup], examples: Dataset,
    batchSize: Int, jobs: Int?, progress: ProgressHandler?
  ) throws -> [[ActivationMoments]] {
    guard examples.count > 1 else {
      throw Diagnostic(.usage, "activations cannot be compared on \(examples.count) examples")
    }
    let points = try groups.map { try CapturePoint.points(of: $0, in: graph) }
    let captures = Set(points.joined().map(\.layer)).sorted()
    func network(_ weights: Weights) throws -> Network {
      try Network(
        graph: graph, weights: weights, batchSize: min(128, batchSize),
        inputShape: graph.inputShape(for: examples.exampleShape), captures: captures, jobs: jobs)
    }
    let (first, second) = (try network(a), try network(b))
    let data = try examples.adapted(to: first.inputShape, for: graph)
    var moments = zip(points, groups).map { points, group in
      points.map { _ in ActivationMoments(units: group.size) }
    }
    for start in stride(from: 0, to: data.count, by: batchSize) {
      let end = min(data.count, start + batchSize)
      let inputs = Array(data.examples[start * data.exampleSize..<end * data.exampleSize])
      let left = try first.capture(inputs, count: end - start)
      let right = try second.capture(inputs, count: end - start)
      let known = moments
      moments = try Parallel.map(count: groups.count, jobs: jobs) { group in
        var own = known[group]
        for (index, point) in points[group].enumerated() {
          guard let x = left[point.layer], let y = right[point.layer] else { continue }
          for (run, offset) in point.places {
            own[index].add(
              try point.units(x, run, offset, groups[group].size),
              try point.units(y, run, offset, groups[group].size))
          }
        }
        return own
      }
      progress?(ProgressUpdate("activations", completed: end, total: data.count))
    }
    return moments
  }
}
