import LinearAlgebra
import Support

/// ProbeX: thin products with learned probes, one shared projection, an encoder of each probe.
public struct ProbeX: ProbeMethod {
  /// Makes the method.
  public init() {}

  /// What it is.
  public var description: ProbeMethodDescription {
    ProbeMethodDescription(
      name: "probex", title: "learned probes of a layer's matrix",
      source: "Horwitz et al., Learning on Model Weights using Tree Experts, CVPR 2025",
      subject: .layer, isCalibrated: true)
  }

  /// Trains a network.
  public func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws -> any FittedProbe {
    try NetworkFit(branches: [.outputs], standardises: false).fit(
      input, targets, training, validation, settings, jobs)
  }
}

/// MVProbe: ProbeX from four sides, X, X·Xᵀ, Xᵀ and Xᵀ·X, each response standardised.
public struct MVProbe: ProbeMethod {
  /// Makes the method.
  public init() {}

  /// What it is.
  public var description: ProbeMethodDescription {
    ProbeMethodDescription(
      name: "mvprobe", title: "learned probes of a layer's matrix from four sides",
      source: "MVProbe, ICML 2026, arXiv 2605.23410", subject: .layer, isCalibrated: true)
  }

  /// Trains a network.
  public func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws -> any FittedProbe {
    try NetworkFit(branches: ProbeBranch.allCases, standardises: true).fit(
      input, targets, training, validation, settings, jobs)
  }
}

/// What the two have in common.
struct NetworkFit {
  let branches: [ProbeBranch]
  let standardises: Bool

  /// Trains a network, or one with each of the settings to choose from, and takes the best on the
  /// validation models; of equals the first.
  func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, _ training: [Int], _ validation: [Int],
    _ settings: ProbeSettings, _ jobs: Int?
  ) throws -> any FittedProbe {
    guard let tuning = settings.tuning, let stack = input.stack else {
      return try train(input, targets, training, validation, settings, jobs)
    }
    var best: (value: Double, probe: TunedNetwork)?
    for candidate in tuning.candidates(settings, rows: stack.rows, columns: stack.columns) {
      let probe = try train(input, targets, training, validation, candidate, jobs)
      let scores = try probe.scores(of: validation, in: input, jobs: jobs)
      let value = ProbeMetric.value(scores, targets, validation)
      if best.map({ value > $0.value }) ?? true {
        best = (value, TunedNetwork(network: probe, settings: candidate))
      }
    }
    guard let best else { return try train(input, targets, training, validation, settings, jobs) }
    return best.probe
  }

  private func train(
    _ input: ProbeInput, _ targets: ProbeTargets, _ training: [Int], _ validation: [Int],
    _ settings: ProbeSettings, _ jobs: Int?
  ) throws -> KeptProbe {
    guard let stack = input.stack else { preconditionFailure("a network reads a layer") }
    var targets = targets
    var (mean, deviation) = (0.0, 1.0)
    if case .numbers(let numbers) = targets {
      // Learned at mean 0 and deviation 1, whatever the unit is.
      let own = training.map { numbers[$0] }
      mean = own.mean ?? 0
      let squares = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let spread = (squares / Double(max(1, own.count))).squareRoot()
      deviation = spread > 0 ? spread : 1
      targets = .numbers(numbers.map { ($0 - mean) / deviation })
    }
    let shape = ProbeNetworkShape(
      rows: stack.rows, columns: stack.columns, probeCount: settings.probeCount,
      projectionCount: settings.projectionCount,
      representationCount: settings.representationCount, branches: branches,
      standardises: standardises, rectifies: settings.rectifies,
      head: settings.texts.map { .aligned(textWidth: $0.columns) }
        ?? .linear(outputs: targets.outputCount))
    var network = ProbeNetwork<Float>(shape: shape, seed: settings.training.seed)
    if settings.beginsDense, branches == [.outputs], settings.texts == nil {
      let dense = try DenseStart(
        input, targets, training: training, validation: validation, settings: settings, jobs: jobs)
      try dense?.begin(&network)
    }
    let result = try ProbeTrainer(options: settings.training, jobs: jobs).train(
      network, on: stack, targets: targets,
      training: training, validation: validation, texts: settings.texts)
    return KeptProbe.network(
      result.network, mean: mean, deviation: deviation, texts: settings.texts)
  }
}
