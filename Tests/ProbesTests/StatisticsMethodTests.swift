import Foundation
import LinearAlgebra
import Support
import Testing

@testable import Probes

/// Methods on seven numbers of every tensor.
@Suite("Methods on numbers")
struct StatisticsMethodTests {
  /// Models of two or three classes with normally distributed numbers, of which some tell.
  private struct Models {
    var input: ProbeInput
    var classes: [Int]

    init(count: Int, numbers: Int, classCount: Int, apart: Double, seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      let drawn = (0..<count).map { _ in generator.integer(below: classCount) }
      let means = (0..<classCount).map { _ in
        (0..<numbers).map { $0 < 3 ? apart * generator.normal() : 0 }
      }
      input = ProbeInput(
        numbers: Matrix(rows: count, columns: numbers) {
          means[drawn[$0]][$1] + generator.normal() + 5
        })
      classes = drawn
    }
  }

  private let methods: [any ProbeMethod] = [LogisticProbe(), NaiveBayesProbe(), BoostedProbe()]

  @Test("classes that numbers tell are told", arguments: [2, 3])
  func classes(_ count: Int) throws {
    let models = Models(count: 240, numbers: 6, classCount: count, apart: 3, seed: 4)
    let targets = ProbeTargets.classes(models.classes, count: count)
    let (training, validation, test) = (Array(0..<120), Array(120..<160), Array(160..<240))
    for method in methods {
      let fitted = try method.fit(
        models.input, targets, training: training, validation: validation,
        settings: ProbeSettings(), jobs: 1)
      let scores = try fitted.scores(of: test, in: models.input, jobs: 1)
      let accuracy = ProbeMetric.value(scores, targets, test)
      #expect(accuracy > 0.9, "\(method.description.name): \(accuracy)")
    }
  }

  @Test("labels are questions of their own, and only boosting tells numbers")
  func labelsAndNumbers() throws {
    let models = Models(count: 200, numbers: 4, classCount: 2, apart: 4, seed: 5)
    let labels = ProbeTargets.labels(
      Matrix(rows: 200, columns: 2) { ($1 == 0) == (models.classes[$0] == 0) ? 1 : 0 })
    let values = models.input.numbers.map { n in (0..<200).map { 2 * n[$0, 0] + n[$0, 1] } } ?? []
    let (training, validation, test) = (Array(0..<120), Array(120..<150), Array(150..<200))
    for method in methods {
      let fitted = try method.fit(
        models.input, labels, training: training, validation: validation,
        settings: ProbeSettings(), jobs: 1)
      let scores = try fitted.scores(of: test, in: models.input, jobs: 1)
      #expect(ProbeMetric.value(scores, labels, test) > 0.9, "\(method.description.name)")
      let fit = {
        try method.fit(
          models.input, .numbers(values), training: training, validation: validation,
          settings: ProbeSettings(), jobs: 1)
      }
      if method.description.tellsNumbers {
        let scores = try fit().scores(of: test, in: models.input, jobs: 1)
        #expect(ProbeMetric.value(scores, .numbers(values), test) > 0.7)
      } else {
        #expect(throws: Diagnostic.self) { try fit() }
      }
    }
  }

  /// At the optimum the slope of the penalised loss is 0: Σ (y − p)·x = λ·w.
  @Test("logistic regression ends where its slope is 0", arguments: [true, false])
  func slope(_ isExclusive: Bool) throws {
    let models = Models(count: 90, numbers: 5, classCount: 3, apart: 1, seed: 6)
    let targets = ProbeTargets.classes(models.classes, count: 3)
    let numbers = try #require(models.input.numbers)
    let scaled = NumberScaling(numbers, training: Array(0..<90)).standardized(numbers)
    let wanted = targets.shares(Array(0..<90))
    var regression = try LogisticRegression(scaled, wanted, isExclusive: isExclusive)
    regression.fit(penalty: 2)
    let shares = regression.shares(scaled)
    for output in 0..<3 {
      let rest = (0..<90).reduce(0.0) { $0 + wanted[$1, output] - shares[$1, output] }
      #expect(abs(rest) < 1e-4)
      for column in 0..<5 {
        let slope = (0..<90).reduce(0.0) {
          $0 + (wanted[$1, output] - shares[$1, output]) * scaled[$1, column]
        }
        // The last step of 1e-7 times the largest curvature, about 50.
        #expect(abs(slope - 2 * regression.weights[output, column]) < 1e-4)
      }
    }
  }

  /// The density's logarithm, written out with one variance for all classes, gives the same differences.
  @Test("naive Bayes is the logarithm of normal densities")
  func densities() throws {
    let models = Models(count: 60, numbers: 3, classCount: 3, apart: 1, seed: 7)
    let targets = ProbeTargets.classes(models.classes, count: 3)
    let numbers = try #require(models.input.numbers)
    let all = Array(0..<60)
    let fitted = try NaiveBayesProbe().fit(
      models.input, targets, training: all, validation: [], settings: ProbeSettings(), jobs: 1)
    let scores = try fitted.scores(of: [0, 7], in: models.input, jobs: 1)
    let members = (0..<3).map { one in all.filter { models.classes[$0] == one } }
    let means = members.map { own in
      (0..<3).map { column in own.reduce(0.0) { $0 + numbers[$1, column] } / Double(own.count) }
    }
    let variances = (0..<3).map { column in
      all.reduce(0.0) {
        let offset = numbers[$1, column] - means[models.classes[$1]][column]
        return $0 + offset * offset / 60
      }
    }
    for (row, model) in [0, 7].enumerated() {
      let logs = (0..<3).map { one -> Double in
        let share = (Double(members[one].count) + 0.5) / 61.5
        return (0..<3).reduce(log(share)) {
          let offset = numbers[model, $1] - means[one][$1]
          return $0 - offset * offset / (2 * variances[$1])
        }
      }
      for one in 1..<3 {
        let difference = scores[row, one] - scores[row, 0]
        #expect(abs(difference - (logs[one] - logs[0])) < 1e-9)
      }
    }
  }

  @Test("a tree finds the threshold, and the means of both sides")
  func tree() {
    let numbers = Matrix<Double>(rows: 10, columns: 2) { $1 == 0 ? Double($0 % 3) : Double($0) }
    let residuals = (0..<10).map { $0 < 4 ? -1.0 : 2.0 }
    let tree = RegressionTree(
      RegressionTree.Order(numbers), residuals, Array(repeating: 1, count: 10), depth: 2,
      leastCount: 2)
    #expect(tree.nodes[0].feature == 1 && tree.nodes[0].threshold == 3.5)
    for row in 0..<10 { #expect(tree.value(numbers, row: row) == residuals[row]) }
    #expect(tree.nodes.count == 3)
  }

  @Test("a learning curve rises, and smaller parts lie in larger ones")
  func curve() throws {
    let models = Models(count: 160, numbers: 12, classCount: 2, apart: 1.2, seed: 8)
    let targets = ProbeTargets.classes(models.classes, count: 2)
    let groups = Array(0..<160)
    let splits = [try ProbeSplit.folds(targets, groups: groups, count: 4, seed: 0)]
    let study = ProbeStudy(
      targets, options: .init(method: LogisticProbe(), splits: splits, groups: groups))
    let curve = try study.learningCurve(models.input, of: [LogisticProbe(), NaiveBayesProbe()])
    #expect(curve.points.map(\.modelCount) == [8, 8, 16, 16, 32, 32, 64, 64, 80, 80])
    #expect(curve.points.map(\.method).prefix(2) == ["logistic", "naive-bayes"])
    let means = curve.points.map(\.test.mean)
    #expect(means[8] > means[0] && means[9] > means[1])
    let again = try study.learningCurve(models.input, of: [LogisticProbe(), NaiveBayesProbe()])
    #expect(again.points.map(\.test.mean) == means)
  }
}
