import Foundation
import LinearAlgebra
import Support

/// A scaling law fitted to the models of a zoo.
public struct ScalingFit: Sendable {
  /// How it is fitted.
  public struct Options: Sendable {
    /// Where Huber's loss turns from square to straight, in logarithms of the result.
    public var delta = 1e-3
    /// How often the models are drawn again for intervals.
    public var draws = 200
    /// The seed of the draws.
    public var seed: UInt64 = 0
    /// The share of the values of the first input that are held out, the largest.
    public var heldOut = 0.2
    /// How many threads; nil means one a processor.
    public var jobs: Int?

    /// The defaults.
    public init() {}
  }

  /// How a fit to the smaller models tells the largest.
  public struct HeldOut: Sendable {
    /// How many models are held out.
    public var models: Int
    /// From which value of the first input.
    public var from: Double
    /// The mean of |log(told / true)|.
    public var meanError: Double
    /// The largest.
    public var largestError: Double
    /// What the law tells of each, and what is true.
    public var points: [(input: Double, told: Double, result: Double)]
  }

  /// The law.
  public var law: ScalingLaw
  /// Its constants, by `ScalingLaw.names`.
  public var constants: [Double]
  /// Their 95 % intervals, over models drawn again.
  public var intervals: [Interval?]
  /// The least and the largest of each constant where one value of the first input is left out.
  public var sensitivity: [(low: Double, high: Double)]
  /// The test on the largest models; nil where too few are left to fit.
  public var heldOut: HeldOut?
  /// The root of the mean square of log(told / true).
  public var error: Double
  /// The sum of Huber's loss over the models: what the fit makes least.
  public var loss: Double
  /// How many models.
  public var models: Int
  /// What is odd about the fit.
  public var warnings: [String]
  private let parameters: [Double]
  private let middle: [Double]

  /// Fits a law.
  ///
  /// - Parameters:
  ///   - inputs: the values of each model's inputs; the law takes their logarithms.
  ///   - results: its results.
  /// - Throws: `Diagnostic` of code `badData` where the models have no more different inputs than the law
  ///   has constants, or fewer than three values of an input.
  public init(
    _ law: ScalingLaw, inputs: [[Double]], results: [Double], options: Options = Options()
  ) throws {
    let kept = results.indices.filter { index in
      inputs[index].allSatisfy { $0 > 0 && $0.isFinite } && results[index] > 0
        && results[index].isFinite
    }
    let logs = kept.map { inputs[$0].map { log($0) } }
    let middle = (0..<law.inputs).map { axis in logs.map { $0[axis] }.mean ?? 0 }
    let fit = HuberFit(
      law: law, delta: options.delta,
      x: logs.map { row in zip(row, middle).map { $0 - $1 } }, y: kept.map { log(results[$0]) })
    let distinct = Set(logs).count
    guard distinct > law.width else {
      throw Diagnostic(
        .badData,
        "\(kept.count) models have numbers above 0 for all columns, of \(distinct) different inputs; "
          + "the law has \(law.width) constants",
        remedy: "give more models of different sizes")
    }
    for axis in 0..<law.inputs where Set(logs.map { $0[axis] }).count < 3 {
      // A floor, a factor and an exponent do not follow from two values.
      throw Diagnostic(
        .badData,
        "\(axis == 0 ? "the first" : "the second") size has fewer than 3 different values",
        remedy: "give models of more sizes, or fit the law of one size")
    }
    let all = Array(kept.indices)
    let found = fit.best(all, from: fit.starts(all))
    self.law = law
    self.middle = middle
    parameters = found.parameters
    loss = found.loss
    models = kept.count
    constants = law.constants(found.parameters, middle: middle)
    let root = SeededGenerator(seed: options.seed)
    let near = [found.parameters] + fit.starts(all).prefix(3)
    let drawn = try Parallel.map(count: options.draws, jobs: options.jobs) { number -> [Double] in
      var generator = root.derived(UInt64(number))
      let points = all.map { _ in all[generator.integer(below: all.count)] }
      return law.constants(fit.best(points, from: near).parameters, middle: middle)
    }
    intervals = law.names.indices.map { index in Interval(drawn.map { $0[index] }) }
    let values = Set(logs.map { $0[0] }).sorted()
    let without = try Parallel.map(count: values.count, jobs: options.jobs) { number -> [Double] in
      let points = all.filter { logs[$0][0] != values[number] }
      guard points.count > law.width else { return [] }
      return law.constants(fit.best(points, from: near).parameters, middle: middle)
    }.filter { !$0.isEmpty }
    sensitivity = law.names.indices.map { index in
      let own = without.map { $0[index] }
      return (own.min() ?? .nan, own.max() ?? .nan)
    }
    var slope = [Double](repeating: 0, count: law.width)
    let squares = all.map { point in
      let r = law.value(found.parameters, fit.x[point], slope: &slope) - fit.y[point]
      return r * r
    }
    error = (squares.mean ?? .nan).squareRoot()
    warnings = []
    heldOut = Self.heldOut(fit, logs, values, options)
    if kept.count < results.count {
      warnings.append(
        "\(results.count - kept.count) models have no number above 0 in a column: left out")
    }
    warnings += doubts(kept.map { inputs[$0] }, least: kept.map { results[$0] }.min() ?? 0)
    if heldOut == nil, options.heldOut > 0 {
      warnings.append("too few sizes to hold the largest out")
    }
  }

  /// What the law tells of some inputs.
  public func told(_ inputs: [Double]) -> Double {
    var slope = [Double](repeating: 0, count: law.width)
    return exp(law.value(parameters, zip(inputs, middle).map { log($0) - $1 }, slope: &slope))
  }

  private static func heldOut(
    _ fit: HuberFit, _ logs: [[Double]], _ values: [Double], _ options: Options
  ) -> HeldOut? {
    let count = max(1, Int((options.heldOut * Double(values.count)).rounded()))
    guard options.heldOut > 0, values.count > count else { return nil }
    let from = values[values.count - count]
    let small = logs.indices.filter { logs[$0][0] < from }
    let large = logs.indices.filter { logs[$0][0] >= from }
    guard Set(small.map { logs[$0] }).count > fit.law.width else { return nil }
    let parameters = fit.best(small, from: fit.starts(small)).parameters
    var slope = [Double](repeating: 0, count: fit.law.width)
    let points = large.map { point in
      (
        input: exp(logs[point][0]),
        told: exp(fit.law.value(parameters, fit.x[point], slope: &slope)),
        result: exp(fit.y[point])
      )
    }
    let errors = points.map { abs(log($0.told / $0.result)) }
    return HeldOut(
      models: large.count, from: exp(from), meanError: errors.mean ?? .nan,
      largestError: errors.max() ?? .nan, points: points)
  }
}
