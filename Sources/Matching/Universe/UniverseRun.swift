import LinearAlgebra
import ModelGraph
import Support
import Tensors

/// A point of the relaxed problem of several networks, and the steps that climb.
struct UniverseRun: Sendable {
  private let groups: [PermutationGroup]
  private let tensors: [UniverseTensor]
  /// For each network its tensors as they are in its file.
  private let values: [[[Float]]]
  private let jobs: Int?
  /// Where each network is.
  private var points: [RelaxedPoint]
  private var images: [[UniverseImage]]
  private let solvers: [[SolverBox]]
  /// The size of the numbers that the objective is made of.
  private let scale: Double

  /// Starts with the first network at the identity and the others at the barycentre.
  init(_ models: [Weights], groups: [PermutationGroup], jobs: Int?) throws {
    self.groups = groups
    self.jobs = jobs
    let tensors = try UniverseTensor.all(of: groups, in: models[0])
    self.tensors = tensors
    let values = models.map { model in tensors.map { model[$0.name]?.values ?? [] } }
    self.values = values
    let identity = Permuting.identity(for: groups)
    images = try Parallel.map(count: models.count, jobs: jobs) { model in
      tensors.enumerated().map { index, tensor in
        model == 0
          ? UniverseImage(tensor, values[model][index], at: identity)
          : UniverseImage(tensor, values[model][index], atBarycentreOf: groups)
      }
    }
    points = models.map { _ in RelaxedPoint(sizes: groups.map(\.size)) }
    points[0].move(to: identity, by: 1)
    solvers = models.map { _ in groups.map { SolverBox(size: $0.size) } }
    var scale = 0.0
    for tensor in tensors.indices {
      let norms = values.map { squareSum($0[tensor]).squareRoot() }
      let sum = norms.reduce(0, +)
      scale += (sum * sum - norms.reduce(0) { $0 + $1 * $1 }) / 2
    }
    self.scale = scale
  }

  /// Goes a part of the way to one list of permutations a network.
  mutating func move(to permutations: [[[Int]]], by share: Double) throws {
    let (tensors, values, known) = (tensors, values, images)
    images = try Parallel.map(count: values.count, jobs: jobs) { model in
      tensors.indices.map { index in
        var image = known[model][index]
        image.move(
          image.ahead(tensors[index], values[model][index], to: permutations[model]),
          by: Float(share))
        return image
      }
    }
    for model in points.indices { points[model].move(to: permutations[model], by: share) }
  }

  /// Climbs until three steps in a row gain nothing to speak of. What is left by then, a few 10⁻⁵ of
  /// the objective, rounding to permutations and polishing decide in any case.
  ///
  /// - Returns: the number of steps.
  mutating func climb(maximumSteps: Int, onStep: (Int) -> Void) throws -> Int {
    var idle = 0
    for step in 0..<maximumSteps {
      guard !Task.isCancelled else { throw Diagnostic(.interrupted, "matching was interrupted") }
      let vertices = try vertices()
      let ahead = try self.step(to: vertices)
      guard ahead.slope > 1e-7 * scale else { return step }
      let share = ahead.best
      let gain = ahead.value(at: share) - ahead.value(at: 0)
      idle = gain < 1e-5 * scale ? idle + 1 : 0
      try move(to: vertices, by: share)
      onStep(step + 1)
      if idle == 3 { return step + 1 }
    }
    return maximumSteps
  }

  /// The permutations nearest to the point, one list a network.
  func rounded() throws -> [[[Int]]] {
    try Parallel.map(count: points.count, jobs: jobs) { model in
      try solvers[model].enumerated().map { group, solver in
        try solver.minimize(points[model].matrix(of: group).map { -$0 })
      }
    }
  }

  /// Where the gradient points: for every network the assignment to the sum of the others.
  private func vertices() throws -> [[[Int]]] {
    let (tensors, images, groups) = (tensors, images, groups)
    let sums = try Parallel.map(count: tensors.count, jobs: jobs) { tensor in
      var sum = images[0][tensor].whole
      for model in images.indices.dropFirst() {
        combine(&sum, with: images[model][tensor].whole, +)
      }
      return sum
    }
    return try Parallel.map(count: images.count, jobs: jobs) { model in
      var costs = groups.map { Array(repeating: Float(0), count: $0.size * $0.size) }
      for (index, tensor) in tensors.enumerated() {
        let image = images[model][index]
        let others = combined(sums[index], image.whole, -)
        for place in tensor.axes.indices {
          tensor.subtractProducts(
            others, image.halves[place], along: place, groups, from: &costs)
        }
      }
      return try zip(costs, solvers[model]).map { try $1.minimize($0) }
    }
  }

  private func step(to permutations: [[[Int]]]) throws -> UniverseStep {
    UniverseStep(
      try Parallel.map(count: tensors.count, jobs: jobs) { tensor in
        UniverseStep.products(images.count) { model in
          let image = images[model][tensor]
          let ahead = image.ahead(
            tensors[tensor], values[model][tensor], to: permutations[model])
          return [image.whole, ahead.across, ahead.end]
        }
      })
  }
}
