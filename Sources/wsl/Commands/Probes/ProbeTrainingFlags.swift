import ArgumentParser
import Probes
import Workbench

/// Sizes and training of probe networks.
struct ProbeNetworkOptions: ParsableArguments {
  @Option(help: "How many probes a network has (default: 128).")
  var probes: Int?

  @Option(help: "How long a projected response is (default: 128).")
  var projections: Int?

  @Option(help: "How long the representation is (default: 128).")
  var representation: Int?

  @Flag(
    help: """
      Choose, in each fold by its validation models, what of sizes and learning rate is not given: all \
      or half of the matrix's shorter side, and 0.001, 0.003 or 0.01.
      """)
  var tune = false

  @Flag(help: "Train networks without their rectifier: linear maps of low Tucker rank.")
  var linear = false

  @Option(
    help: """
      Where ProbeX begins: random, or dense: the dense map in closed form, cut to the network's ranks; a \
      network with a rectifier needs two probes for each direction.
      """)
  var start = "random"

  @Option(help: "How often every model is seen at most.")
  var epochs = 500

  @Option(help: "How many models make a step.")
  var batchSize = 128

  @Option(help: "The learning rate of Adam (default: 0.001).")
  var learningRate: Double?

  @Option(help: "The weight decay, added to the gradient.")
  var weightDecay = 1e-5

  @Option(
    help: """
      End after so many looks, one every five epochs, without a better state; 0 trains all epochs.
      """)
  var patience = 10

  @Option(help: "What folds, first parameters and orders are drawn from.")
  var seed: UInt64 = 0

  func validate() throws {
    for (name, value) in [
      ("--probes", probes), ("--projections", projections), ("--representation", representation),
      ("--epochs", epochs), ("--batch-size", batchSize),
    ] where !(1...1 << 15).contains(value ?? 1) {
      throw ValidationError("\(name) takes a number from 1 to 32768.")
    }
    let rate = learningRate ?? 1e-3
    guard rate > 0, rate.isFinite, weightDecay >= 0, weightDecay.isFinite else {
      throw ValidationError("--learning-rate and --weight-decay take positive numbers.")
    }
    guard ["random", "dense"].contains(start) else {
      throw ValidationError("--start takes random or dense.")
    }
    guard patience >= 0 else { throw ValidationError("--patience takes a number from 0 up.") }
  }

  /// The settings.
  var settings: ProbeSettings {
    var settings = ProbeSettings()
    settings.probeCount = probes ?? settings.probeCount
    settings.projectionCount = projections ?? settings.projectionCount
    settings.representationCount = representation ?? settings.representationCount
    settings.rectifies = !linear
    settings.beginsDense = start == "dense"
    settings.training.epochs = epochs
    settings.training.batchSize = batchSize
    settings.training.learningRate = learningRate ?? settings.training.learningRate
    if tune {
      settings.tuning = ProbeTuning(
        choosesSizes: probes == nil && projections == nil && representation == nil,
        choosesRate: learningRate == nil)
    }
    settings.training.weightDecay = weightDecay
    settings.training.patience = patience == 0 ? nil : patience
    settings.training.seed = seed
    return settings
  }
}
