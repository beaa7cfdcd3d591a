public import Networks
import Specs
import Support

/// How a model of a zoo is trained, in the words of a spec.
public struct TrainingRecipe: Sendable {
  /// What the trainer is told.
  public var options: TrainingOptions
  /// The word for the optimiser: sgd, adam, adamw.
  public var optimizer: String
  /// The word for the schedule: constant, step, cosine, one-cycle.
  public var schedule: String
  /// The word for the first weights: he-normal, he-uniform, glorot-uniform, torch.
  public var initializer: String
}

extension TrainingRecipe {
  private static let initializers: [String: Initializer] = [
    "he-normal": .heNormal, "he-uniform": .heUniform, "glorot-uniform": .glorotUniform,
    "torch": .torchDefault,
  ]

  /// Reads a recipe from the `training` member of a spec; nil gives the defaults.
  init(_ spec: SpecNode?) throws {
    let members = try spec?.members([
      "optimizer", "learning-rate", "momentum", "nesterov", "weight-decay", "schedule",
      "batch-size", "epochs", "initializer", "augmentation", "label-smoothing", "checkpoints",
      "seed",
    ])
    let momentum = try members?["momentum"]?.number(in: 0...0.9999) ?? 0.9
    let isNesterov = try members?["nesterov"]?.flag() ?? false
    optimizer = try members?["optimizer"]?.choice(["sgd", "adam", "adamw"]) ?? "adam"
    let schedules = try members?["schedule"].map(ScheduleRecipe.init) ?? ScheduleRecipe()
    schedule = schedules.word
    initializer =
      try members?["initializer"]?.choice(Self.initializers.keys.sorted()) ?? "torch"
    let epochs = try members?["epochs"]?.integer(in: 0...1_000_000) ?? 10
    let checkpoints = try members?["checkpoints"]?.list().map { try $0.integer(in: 0...epochs) }
    options = TrainingOptions(
      epochs: epochs,
      batchSize: try members?["batch-size"]?.integer(in: 1...1_000_000) ?? 64,
      optimizer: optimizer == "sgd"
        ? .sgd(momentum: momentum, nesterov: isNesterov)
        : optimizer == "adam" ? .adam() : .adamW(),
      learningRate: try members?["learning-rate"]?.number(in: 1e-12...1e6) ?? 1e-3,
      schedule: schedules.schedule,
      weightDecay: try members?["weight-decay"]?.number(in: 0...1e3) ?? 0,
      labelSmoothing: try members?["label-smoothing"]?.number(in: 0...0.999) ?? 0,
      augmentation: try members?["augmentation"].map(Augmentation.init) ?? Augmentation(),
      seed: UInt64(try members?["seed"]?.integer(in: 0...Int.max) ?? 0),
      initializer: Self.initializers[initializer] ?? .torchDefault,
      checkpointEpochs: Set(checkpoints ?? []), threads: 1)
  }
}

/// A schedule in the words of a spec: `cosine`, or `{kind: step, epochs: 30, factor: 0.1}`.
private struct ScheduleRecipe {
  var word = "constant"
  var schedule = Schedule.constant

  init() {}

  init(_ spec: SpecNode) throws {
    let words = ["constant", "step", "cosine", "one-cycle"]
    var members: [String: SpecNode] = [:]
    if let short = try? spec.string() {
      word = short
      _ = try spec.choice(words)
    } else {
      members = try spec.members(["kind", "epochs", "factor", "final", "rising"])
      guard let kind = members["kind"] else { throw spec.error("'kind' is missing") }
      word = try kind.choice(words)
    }
    switch word {
    case "step":
      schedule = .step(
        epochs: try members["epochs"]?.integer(in: 1...1_000_000) ?? 30,
        factor: try members["factor"]?.number(in: 0...1) ?? 0.1)
    case "cosine": schedule = .cosine(final: try members["final"]?.number(in: 0...1) ?? 0)
    case "one-cycle":
      schedule = .oneCycle(rising: try members["rising"]?.number(in: 0.001...0.999) ?? 0.3)
    default: schedule = .constant
    }
  }
}

extension Augmentation {
  /// Reads what is done to training images: `{shift: 2, flip: true}`.
  fileprivate init(_ spec: SpecNode) throws {
    let members = try spec.members(["shift", "flip"])
    self.init(
      maximumShift: try members["shift"]?.integer(in: 0...1024) ?? 0,
      flips: try members["flip"]?.flag() ?? false)
  }
}
