import LinearAlgebra
import Support

/// How well methods do that learn from fewer models than there are: the discriminative and the
/// generative classifier of Ng and Jordan (2001) differ in how fast they come to their best, O(n)
/// against O(log n) models for n numbers.
public struct LearningCurve: Sendable {
  /// A method that learned from so many models.
  public struct Point: Sendable {
    /// How many models it learned from in each split.
    public var modelCount: Int
    /// The method's name.
    public var method: String
    /// The metric on the test models.
    public var test: ProbeFigure
  }

  /// The points: for each number of models the methods in order.
  public var points: [Point]

  /// The numbers of models that are tried: powers of two from 8 on, and all.
  static func counts(upTo most: Int) -> [Int] {
    var counts: [Int] = []
    var next = 8
    while next < most {
      counts.append(next)
      next *= 2
    }
    return counts + (most > 0 ? [most] : [])
  }
}

extension ProbeStudy {
  /// Trains methods on a part of the training models of each split. Smaller parts lie in larger ones; the
  /// test and validation models stay.
  ///
  /// - Parameters:
  ///   - input: the layer or the numbers of all models.
  ///   - methods: the methods, all of which read such input.
  /// - Throws: `Diagnostic` where a method cannot learn from them.
  public func learningCurve(
    _ input: ProbeInput, of methods: [any ProbeMethod]
  ) throws -> LearningCurve {
    guard let first = methods.first else { return LearningCurve(points: []) }
    let most = options.splits.joined().map(\.training.count).min() ?? 0
    var points: [LearningCurve.Point] = []
    for count in LearningCurve.counts(upTo: most) {
      var reduced = options
      reduced.method = first
      reduced.baselines = Array(methods.dropFirst())
      reduced.splits = options.splits.enumerated().map { seed, splits in
        splits.enumerated().map { fold, split in
          var generator = SeededGenerator(
            seed: options.settings.training.seed &+ UInt64(1000 * seed + fold))
          let order = generator.permutation(count: split.training.count)
          var part = split
          part.training = order.prefix(count).map { split.training[$0] }.sorted()
          return part
        }
      }
      var study = ProbeStudy(targets, options: reduced)
      try study.add("", input, first.description.subject)
      let report = try study.report()
      points.append(
        .init(modelCount: count, method: first.description.name, test: report.test))
      points += report.baselines.map {
        .init(modelCount: count, method: $0.method, test: $0.test)
      }
    }
    return LearningCurve(points: points)
  }
}
