import LinearAlgebra
import Support
import Testing

@testable import Probes

/// A ProbeX network that begins as the dense expert.
@Suite("Networks that begin as the dense map")
struct DenseStartTests {
  private let models = SyntheticModels(count: 60, signal: 1)

  /// The scores of the untrained network, and of the dense expert times its factor, on the models.
  private func scores(
    probes: Int, projections: Int, rectifies: Bool, _ targets: ProbeTargets
  ) throws -> (network: [Double], dense: [Double]) {
    let input = ProbeInput(stack: models.stack)
    let (training, validation) = (Array(0..<40), Array(40..<60))
    let shape = ProbeNetworkShape(
      rows: 6, columns: 5, probeCount: probes, projectionCount: projections,
      representationCount: 4, rectifies: rectifies, head: .linear(outputs: targets.outputCount))
    var network = ProbeNetwork<Float>(shape: shape, seed: 3)
    let start = try #require(
      try DenseStart(
        input, targets, training: training, validation: validation, settings: ProbeSettings(),
        jobs: 1))
    try start.begin(&network)
    let all = Array(0..<60)
    let fitted = try DenseProbe().fit(
      input, targets, training: training, validation: validation, settings: ProbeSettings(), jobs: 1
    )
    let dense = try fitted.scores(of: all, in: input, jobs: 1)
    let factor = Calibration.factor(
      try fitted.scores(of: validation, in: input, jobs: 1), targets, validation)
    return (
      try network.scores(of: all, in: models.stack).values.map(Double.init),
      dense.values.map { $0 * factor }
    )
  }

  /// With room for all ranks it is the dense map, to Float32: linear, and with a rectifier and each probe
  /// in both signs; also where the network has more of everything than the map has ranks.
  @Test(
    arguments: [
      (5, 6, false), (10, 6, true), (7, 9, false), (16, 9, true),
    ])
  func fullRanksAreTheDenseMap(_ probes: Int, _ projections: Int, _ rectifies: Bool) throws {
    let targets = [
      models.targets, .numbers(models.classes.enumerated().map { Double($1) + Double($0) / 90 }),
      .labels(Matrix<Float>(rows: 60, columns: 3) { Float((models.classes[$0] + $1) % 2) }),
    ]
    for target in targets {
      let found = try scores(
        probes: probes, projections: projections, rectifies: rectifies, target)
      let size = found.dense.map { abs($0) }.max() ?? 0
      #expect(size > 0)
      for (own, wanted) in zip(found.network, found.dense) {
        #expect(abs(own - wanted) < 1e-4 * size)
      }
    }
  }

  /// With fewer ranks it is near.
  @Test func fewRanksAreNear() throws {
    let found = try scores(probes: 2, projections: 2, rectifies: false, models.targets)
    let squares = found.dense.reduce(0) { $0 + $1 * $1 }
    let left = zip(found.network, found.dense).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(left > 1e-6 * squares && left < 0.6 * squares)
  }

  /// A method that begins so keeps what it begins with where it trains for nothing better.
  @Test func aTrainedNetworkTellsAsMuch() throws {
    var settings = ProbeSettings()
    (settings.probeCount, settings.projectionCount) = (10, 6)
    (settings.representationCount, settings.beginsDense) = (4, true)
    settings.training.epochs = 5
    let input = ProbeInput(stack: models.stack)
    let fitted = try ProbeX().fit(
      input, models.targets, training: Array(0..<40), validation: Array(40..<50),
      settings: settings, jobs: 1)
    let test = Array(50..<60)
    let value = ProbeMetric.value(
      try fitted.scores(of: test, in: input, jobs: 1), models.targets, test)
    #expect(value >= 0.9)
  }
}
