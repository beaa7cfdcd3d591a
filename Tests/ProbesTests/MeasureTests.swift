import LinearAlgebra
import RealModule
import Support
import Testing

@testable import Probes

@Suite struct MeasureTests {
  @Test func metricsByHand() {
    let classes = ProbeTargets.classes([0, 1, 1, 2], count: 3)
    let scores = Matrix<Double>(
      rows: 4, columns: 3, values: [2, 1, 0, 0, 3, 1, 5, 4, 0, 0, 0, 1])
    #expect(ProbeMetric.value(scores, classes, [0, 1, 2, 3]) == 0.75)
    #expect(ProbeMetric.chance(classes, [0, 1, 2, 3]) == 0.5)
    let labels = ProbeTargets.labels(Matrix(rows: 2, columns: 2, values: [1, 0, 1, 1]))
    let said = Matrix<Double>(rows: 2, columns: 2, values: [0.1, 0.1, 3, -1])
    #expect(ProbeMetric.value(said, labels, [0, 1]) == 0.5)
    #expect(ProbeMetric.chance(labels, [0, 1]) == 0.75)
    let numbers = ProbeTargets.numbers([1, 2, 3])
    let guesses = Matrix<Double>(rows: 3, columns: 1, values: [1, 2, 5])
    #expect(ProbeMetric.value(guesses, numbers, [0, 1, 2]) == -1)
    #expect(ProbeMetric.value(guesses, .numbers([2, 2, 2]), [0, 1, 2]).isNaN)
  }

  /// Sixty of a hundred: the interval of the binomial's normal approximation, ±0.096, and wider where
  /// ten at a time are one group.
  @Test func intervalsAreThoseOfTheBinomial() {
    let values = (0..<100).map { $0 % 10 < 6 ? 1.0 : 0 }
    func bounds(_ groups: [Int]) -> (low: Double, high: Double) {
      BootstrapInterval(groups: groups, draws: 4000).bounds(seeds: 1) { items, _ in
        items.reduce(0) { $0 + values[$1] } / Double(items.count)
      }
    }
    let alone = bounds(Array(0..<100))
    #expect(abs(alone.low - 0.504) < 0.015 && abs(alone.high - 0.696) < 0.015)
    let together = bounds((0..<100).map { $0 % 10 })
    #expect(together.low < 0.35 && together.high > 0.85)
  }

  @Test func calibrationByHand() {
    let found = Calibration(
      confidences: [0.95, 0.95, 0.65, 0.65], isRight: [true, true, true, false])
    // |0.95 − 1| · 2/4 + |0.65 − 0.5| · 2/4.
    #expect(abs(found.error - 0.1) < 1e-12)
    #expect(found.bins[9].count == 2 && found.bins[6].accuracy == 0.5)
  }

  /// Labels drawn with probability sigmoid(3·score): the factor is found to be about 3.
  @Test func theFactorOfLeastLossIsFound() {
    var generator = SeededGenerator(seed: 2)
    let count = 4000
    let scores = (0..<count).map { _ in generator.normal() }
    let labels = scores.map { Float(generator.uniform() < 1 / (1 + Double.exp(-3 * $0)) ? 1 : 0) }
    let factor = Calibration.factor(
      Matrix(rows: count, columns: 1, values: scores),
      .labels(Matrix(rows: count, columns: 1, values: labels)), Array(0..<count))
    #expect(abs(factor - 3) < 0.25)
  }

  @Test func sharesOfLargeScoresAreFinite() {
    #expect(ScoreMath.softmax([1000, 0]) == [1, 0])
    #expect(ScoreMath.sigmoid(-800) == 0 && ScoreMath.softplus(800) == 800)
  }
}

@Suite struct SplitTests {
  /// Each model is a test once; folds have about the same share of each class; groups stay together.
  @Test(arguments: [1, 4])
  func foldsAreEvenAndKeepGroups(_ groupSize: Int) throws {
    let count = 120
    let groups = (0..<count).map { $0 / groupSize }
    let classes = (0..<count).map { ($0 / groupSize) % 3 }
    let targets = ProbeTargets.classes(classes, count: 3)
    let folds = try ProbeSplit.folds(targets, groups: groups, count: 5, seed: 1)
    #expect(folds.flatMap(\.test).sorted() == Array(0..<count))
    for fold in folds {
      #expect((fold.training + fold.validation + fold.test).sorted() == Array(0..<count))
      #expect(abs(fold.test.count - 24) <= groupSize)
      for name in 0..<3 {
        #expect(abs(fold.test.count { classes[$0] == name } - 8) <= groupSize)
      }
      let sides = [fold.training, fold.validation, fold.test].map { Set($0.map { groups[$0] }) }
      #expect(sides[0].isDisjoint(with: sides[1].union(sides[2])))
      #expect(sides[1].isDisjoint(with: sides[2]))
    }
    #expect(try ProbeSplit.folds(targets, groups: groups, count: 5, seed: 1) == folds)
    #expect(try ProbeSplit.folds(targets, groups: groups, count: 5, seed: 2) != folds)
  }

  @Test func tooFewGroupsAreRefused() {
    let targets = ProbeTargets.classes([0, 1, 0, 1], count: 2)
    #expect(throws: Diagnostic.self) {
      try ProbeSplit.folds(targets, groups: [0, 0, 1, 1], count: 3, seed: 0)
    }
    #expect(throws: Diagnostic.self) {
      try ProbeSplit.folds(targets, groups: [0, 1, 2, 3], count: 2, seed: 0)
    }
  }
}
