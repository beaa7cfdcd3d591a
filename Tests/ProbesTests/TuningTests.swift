import LinearAlgebra
import Testing

@testable import Probes

@Suite("The choice of a network's settings")
struct TuningTests {
  @Test("what is tried fits the layer, and what is given stays")
  func candidates() {
    let tuning = ProbeTuning(choosesSizes: true, choosesRate: true)
    func sizes(_ rows: Int, _ columns: Int) -> [[Int]] {
      tuning.candidates(ProbeSettings(), rows: rows, columns: columns).map {
        [$0.probeCount, $0.projectionCount, $0.representationCount]
      }
    }
    let small = [[8, 8, 16], [16, 16, 32]]
    #expect(sizes(16, 40) == small.flatMap { [$0, $0, $0] })
    #expect(sizes(768, 768).last == [128, 128, 128])
    #expect(sizes(1, 5) == [[1, 1, 2], [1, 1, 2], [1, 1, 2]])
    var given = ProbeSettings()
    given.probeCount = 5
    let rates = ProbeTuning(choosesSizes: false, choosesRate: true)
      .candidates(given, rows: 16, columns: 16)
    #expect(rates.map(\.training.learningRate) == [1e-3, 3e-3, 1e-2])
    let keepsSizes = rates.allSatisfy { $0.probeCount == 5 && $0.representationCount == 128 }
    #expect(keepsSizes)
  }

  /// The best of all candidates on the validation models is kept, and what test models are has no part
  /// in it: with their targets turned round the same network comes out.
  @Test("validation models choose, test models do not")
  func choice() throws {
    let models = SyntheticModels(count: 60, rows: 8, columns: 8, signal: 0.5)
    let input = ProbeInput(stack: models.stack)
    var settings = ProbeSettings()
    settings.training.epochs = 15
    settings.tuning = ProbeTuning(choosesSizes: true, choosesRate: true)
    let (training, validation) = (Array(0..<30), Array(30..<45))
    func fit(_ settings: ProbeSettings, _ classes: [Int]) throws -> any FittedProbe {
      try ProbeX().fit(
        input, .classes(classes, count: 2), training: training, validation: validation,
        settings: settings, jobs: 1)
    }
    func value(_ probe: any FittedProbe) throws -> Double {
      ProbeMetric.value(
        try probe.scores(of: validation, in: input, jobs: 1), models.targets, validation)
    }
    let chosen = try fit(settings, models.classes)
    let tried = try #require(settings.tuning)
      .candidates(settings, rows: 8, columns: 8).map {
        try value(fit($0, models.classes))
      }
    #expect(try value(chosen) == tried.max())
    #expect(Set(tried).count > 1)
    let turned = models.classes.enumerated().map { $0 < 45 ? $1 : 1 - $1 }
    let again = try fit(settings, turned)
    let all = Array(0..<60)
    #expect(
      try chosen.scores(of: all, in: input, jobs: 1) == again.scores(of: all, in: input, jobs: 1))
    #expect(chosen.settings?.training.learningRate == again.settings?.training.learningRate)
    #expect(chosen.settings?.tuning == nil && chosen.settings != nil)
  }
}
