import LinearAlgebra
import WorkbenchCore

/// A mixture of experts: the training models fall into trees by their distances, each tree has a probe of
/// its own, and a model is judged by the probe of the tree whose centre is nearest (Horwitz et al. 2025).
///
/// A tree of too few models, or whose models all are of one class, has no probe of its own: its models
/// are judged by the probe of all.
public struct TreeExperts: ProbeMethod {
  private let expert: any ProbeMethod

  /// The least models a tree has to have for a probe of its own.
  private static let leastModels = 10

  /// Makes experts of a method, which has to look at a layer.
  public init(_ expert: any ProbeMethod) { self.expert = expert }

  /// What it is.
  public var description: ProbeMethodDescription {
    var description = expert.description
    description.name += "-per-tree"
    description.title = "one for each tree of models, by the nearest centre: \(description.title)"
    return description
  }

  /// Computes what the experts need, and the distances.
  public func prepare(_ input: ProbeInput, jobs: Int?) throws {
    try expert.prepare(input, jobs: jobs)
    _ = try input.gram(jobs: jobs)
  }

  /// Finds the trees of the training models, and trains a probe in each.
  public func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws -> any FittedProbe {
    guard let stack = input.stack else {
      throw Diagnostic(.usage, "models without a layer are in no trees")
    }
    let trees = try TreeCentres(stack, gram: input.gram(jobs: jobs), models: training)
    func routed(_ models: [Int]) -> [Int] {
      models.map {
        TreeRouting(stack, $0, centres: trees.centres, radii: trees.radii)?.tree ?? 0
      }
    }
    let places = routed(validation)
    var experts: [Int: any FittedProbe] = [:]
    for tree in trees.names.indices {
      let own = training.indices.filter { trees.groups[$0] == tree }.map { training[$0] }
      let validated = validation.indices.filter { places[$0] == tree }.map { validation[$0] }
      guard own.count >= Self.leastModels, validated.count > 1, targets.vary(in: own) else {
        continue
      }
      experts[tree] = try expert.fit(
        input, targets, training: own, validation: validated, settings: settings, jobs: jobs)
    }
    let isComplete = experts.count == trees.names.count
    let general =
      isComplete
      ? nil
      : try expert.fit(
        input, targets, training: training, validation: validation, settings: settings, jobs: jobs)
    return Fitted(trees: trees, experts: experts, general: general)
  }

  private struct Fitted: FittedProbe {
    let trees: TreeCentres
    let experts: [Int: any FittedProbe]
    let general: (any FittedProbe)?

    var parameterCount: Int {
      experts.values.reduce(general?.parameterCount ?? 0) { $0 + $1.parameterCount }
    }

    func scores(of models: [Int], in input: ProbeInput, jobs: Int?) throws -> Matrix<Double> {
      guard let stack = input.stack else { return Matrix(zeros: models.count, 0) }
      return try TreeRouting.scores(
        of: models, in: stack, centres: trees.centres, radii: trees.radii
      ) { tree, chosen in
        try (experts[tree] ?? general)?.scores(of: chosen, in: input, jobs: jobs)
      }
    }

    func kept(from input: ProbeInput, jobs: Int?) throws -> KeptProbe? {
      let own = try trees.names.indices.map { try experts[$0]?.kept(from: input, jobs: jobs) }
      return .routed(
        RoutedProbe(
          centres: trees.centres, radii: trees.radii, experts: own,
          general: try general?.kept(from: input, jobs: jobs)))
    }
  }
}

extension ProbeTargets {
  /// Whether there is something to tell among some models.
  fileprivate func vary(in models: [Int]) -> Bool {
    switch self {
    case .classes(let classes, _): Set(models.map { classes[$0] }).count > 1
    case .labels: models.count > 1
    case .numbers(let numbers): Set(models.map { numbers[$0] }).count > 1
    }
  }
}
