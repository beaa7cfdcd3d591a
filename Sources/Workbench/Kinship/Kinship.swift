import Foundation
import LinearAlgebra
import Matching
import ModelGraph
import Support

/// Whether two models are of one origin, by their weights.
///
/// Two questions are kept apart. Do units stand in the same places? Independent trainings leave no such trace, so
/// that the answer is one of descent, with exact probabilities. Can the units be brought in line? Independent
/// networks of one task can, to some extent: this shows descent only where they come to lie on one another.
public struct Kinship: Sendable {
  /// One test.
  public struct Test: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// What was measured.
    public var statistic: Double
    /// The probability of as much of two networks that have nothing to do with each other; nil where it is not
    /// known.
    public var pValue: Double?
    /// What it says.
    public var says: String
  }

  /// What the tests say together.
  public enum Verdict: String, Sendable, Hashable, Encodable {
    /// One descends from the other, or both from a third.
    case sameOrigin = "same origin"
    /// The units of one can be brought in line with the other's, no better than those of independent networks of
    /// one task.
    case alignable
    /// Nothing in common that these tests see.
    case unrelated
    /// The tests cannot tell.
    case undecided
  }

  /// The tests.
  public internal(set) var tests: [Test] = []
  /// What they say together.
  public internal(set) var verdict = Verdict.undecided
  /// Why.
  public internal(set) var reason = ""

  /// How the tests are made.
  public struct Options: Sendable {
    /// Decides the random orders.
    public var seed: UInt64 = 0
    /// How many threads work.
    public var jobs: Int?
    /// How many bytes the weights may take.
    public var memory: Int?
    /// How many random orders the correlation of inner products is compared with.
    public var permutations = 999

    /// The usual way.
    public init() {}
  }

  /// The probability below which the order of units shows a common origin, all tests taken together.
  public static let level = 1e-4
  /// The mean cosine from which networks that were brought in line are one: independent ones stay far below.
  public static let oneNetwork = 0.8
  /// The share of numbers in common from which files are of one origin, whatever their order.
  public static let sharedNumbers = 0.05
  /// Above this many operations a sweep, networks are not brought in line.
  private static let mostOperations = 2e12
  /// Above this many, the alignment is not compared with that of shuffled networks.
  private static let mostShuffledOperations = 2e10
  /// How many times at most all groups are matched.
  private static let sweeps = 12
  /// The mean correlation of inner products from which units stand in the same places.
  public static let oneGram = 0.5
}

extension Kinship {
  /// Adds a test.
  mutating func add(_ name: String, _ statistic: Double, _ pValue: Double?, _ says: String) {
    tests.append(Test(name: name, statistic: statistic, pValue: pValue, says: says))
  }

  /// The tests of units in their places: nil where there is no group of units to test.
  ///
  /// - Returns: whether units stand in the same places, and whether that could have been shown.
  mutating func testOrder(
    _ networks: KinNetworks, _ options: Options
  ) throws -> (isSame: Bool, hasPower: Bool)? {
    let found = try Parallel.map(count: networks.groups.count, jobs: options.jobs) { number in
      try UnitOrder(
        networks.groups[number], networks, seed: options.seed &+ UInt64(number),
        permutations: options.permutations)
    }.compactMap { $0 }
    guard !found.isEmpty else { return nil }
    let groups = Double(found.count)
    let order = min(1, groups * (found.map(\.orderPValue).min() ?? 1))
    let units = found.reduce(0) { $0 + $1.count }
    let fixed = found.reduce(0) { $0 + $1.fixedPoints }
    add(
      "unitOrder", Double(fixed) / Double(max(1, units)), order,
      "\(fixed) of \(units) units are nearest, among all of their layer, to the one in their own place; of "
        + "independent networks about one a layer is")
    let gram = min(1, groups * (found.map(\.gramPValue).min() ?? 1))
    let correlation = found.map(\.gramCorrelation).reduce(0, +) / groups
    add(
      "unitGram", correlation, gram,
      "the mean correlation of units' inner products with those of the units in the same places, "
        + "whatever the order or rotation of their inputs; 0 for independent networks")
    let power = found.map { exp(-lgamma(Double($0.count) + 1)) }.min() ?? 1
    return (
      order < Self.level || gram < 0.05 && correlation >= Self.oneGram,
      groups * power < Self.level
    )
  }

  /// How far the networks can be brought in line, beside networks of the same numbers in any order.
  ///
  /// - Parameter comparesShuffled: whether shuffled networks are tried as well.
  mutating func testAlignment(
    _ networks: KinNetworks, _ options: Options, comparesShuffled: Bool,
    progress: ProgressHandler?
  ) throws -> (cosine: Double, isAbove: Bool?)? {
    guard networks.matchingCost <= Self.mostOperations else { return nil }
    var search = WeightMatching.Options(seed: options.seed, restarts: 1, jobs: options.jobs)
    search.maximumSweeps = Self.sweeps
    let match = try WeightMatching.match(
      networks.a, networks.b, groups: networks.groups, options: search, progress: progress)
    let cosine = networks.cosine(match.permutations)
    let isTried = comparesShuffled && networks.matchingCost <= Self.mostShuffledOperations
    var others: [Double] = []
    for number in 0..<(isTried ? AlignmentNull.count : 0) {
      progress?(
        ProgressUpdate("shuffled networks", completed: number, total: AlignmentNull.count))
      let shuffled = networks.shuffled(seed: options.seed &+ UInt64(number))
      let own = try WeightMatching.match(
        shuffled.a, shuffled.b, groups: networks.groups, options: search)
      others.append(shuffled.cosine(own.permutations))
    }
    let null = AlignmentNull(others)
    let pValue = null?.pValue(of: cosine)
    add(
      "alignment", cosine, pValue,
      "the mean cosine of the matrices once their units are brought in line"
        + (null.map {
          "; of networks of the same numbers in random order it is \(String(format: "%.3f", $0.mean))"
        } ?? "")
        + ": independent networks of one task reach some of it, a permuted copy all")
    return (cosine, pValue.map { $0 < 0.01 })
  }
}
