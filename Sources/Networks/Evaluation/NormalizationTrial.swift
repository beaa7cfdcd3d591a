public import ModelGraph
import Support
public import Tensors

/// Whether a network fits normalised examples far better, so that it was trained on such.
///
/// A network that was trained behind a normalisation and is run without it gets inputs of another mean
/// and spread, and nothing in its file says so. What tells, where there is batch normalisation, is its
/// first layer of it: the statistics that it ran with in training are those of its inputs then. Elsewhere
/// it is what the network does. Both are looked at on a few examples as they are, behind the well-known
/// normalisations, and behind the examples' own mean and deviation.
public enum NormalizationTrial {
  /// What tells it.
  public enum Evidence: Sendable, Hashable {
    /// How far the inputs' statistics are from those that a layer ran with (`BatchStatistics.gap`).
    case statistics(layer: String, plain: Double, best: Double)
    /// The accuracies on so many examples.
    case accuracy(count: Int, plain: Double, best: Double)
  }

  /// What was seen.
  public struct Finding: Sendable {
    /// The normalisation that fits best.
    public var normalization: ChannelNormalization
    /// What tells it.
    public var evidence: Evidence
  }

  /// Where as they are so many are right, nothing is tried.
  private static let goodAccuracy = 0.97

  /// Tries a network.
  ///
  /// - Parameters:
  ///   - limit: how many examples are tried, drawn at random from all.
  /// - Returns: nil where the examples are normalised already or no pixels (an element is below 0), and
  ///   where they fit as they are, or nothing fits much better.
  /// - Throws: `Diagnostic` where the network cannot be run.
  /// - Complexity: a forward pass over `limit` examples for each normalisation, five at most.
  public static func run(
    _ graph: ModelGraph, _ weights: Weights, on dataset: Dataset, limit: Int = 512,
    jobs: Int? = nil
  ) throws -> Finding? {
    guard dataset.normalization == nil, dataset.count >= 20, dataset.classCount > 1 else {
      return nil
    }
    let examples = dataset.sample(limit, seed: 0)
    guard examples.examples.allSatisfy({ $0 >= 0 }) else { return nil }
    return graph.hasBatchNormalization
      ? try byStatistics(graph, weights, on: examples, jobs: jobs)
      : try byAccuracy(graph, weights, on: examples, jobs: jobs)
  }

  /// Networks of one epoch, whose running statistics are not settled, have gaps up to 1.7 and no
  /// normalisation that closes them; trained ones, below 0.1, and above 1 where one is forgotten.
  private static func byStatistics(
    _ graph: ModelGraph, _ weights: Weights, on examples: Dataset, jobs: Int?
  ) throws -> Finding? {
    func gap(_ normalization: ChannelNormalization?) throws -> (layer: String, gap: Double)? {
      var examples = examples
      examples.normalization = normalization
      return try BatchStatistics.gap(graph: graph, weights: weights, on: examples, jobs: jobs)
    }
    guard let plain = try gap(nil), plain.gap > 0.5 else { return nil }
    var found: Finding?
    var smallest = plain.gap / 4
    for candidate in candidates(for: examples) {
      guard let own = try? gap(candidate)?.gap, own < smallest else { continue }
      smallest = own
      found = Finding(
        normalization: candidate,
        evidence: .statistics(layer: plain.layer, plain: plain.gap, best: own))
    }
    return found
  }

  private static func byAccuracy(
    _ graph: ModelGraph, _ weights: Weights, on examples: Dataset, jobs: Int?
  ) throws -> Finding? {
    func accuracy(_ normalization: ChannelNormalization?) throws -> Double {
      var examples = examples
      examples.normalization = normalization
      return try Evaluator(graph: graph, dataset: examples, jobs: jobs).evaluate(weights).accuracy
    }
    let plain = try accuracy(nil)
    guard plain < goodAccuracy else { return nil }
    var found: ChannelNormalization?
    var best = plain
    for candidate in candidates(for: examples) {
      guard let own = try? accuracy(candidate), own > best else { continue }
      (found, best) = (candidate, own)
    }
    // Half of the errors gone, and three deviations of the difference of two counts that have nothing to
    // do with each other; those of the same examples differ by less. Networks of an epoch or two, which
    // nothing fits well, lose up to a third of their errors by chance.
    let share = (best + plain) / 2
    let noise = 3 * (2 * share * (1 - share) / Double(examples.count)).squareRoot()
    guard let found, best - plain > max(noise, (1 - plain) / 2) else { return nil }
    return Finding(
      normalization: found,
      evidence: .accuracy(count: examples.count, plain: plain, best: best))
  }

  /// What is tried: the well-known ones for as many channels, [−1, 1], the examples' own mean and
  /// deviation, and for numbers up to 255 the division by that.
  private static func candidates(for examples: Dataset) -> [ChannelNormalization] {
    let shape = examples.exampleShape
    let values = examples.examples
    let count = Double(values.count)
    let mean = values.reduce(0.0) { $0 + Double($1) } / count
    let square = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    var result: [ChannelNormalization] = []
    let isColoured = shape.count == 3 && (shape.first == 3 || shape.last == 3)
    let names = isColoured ? ["imagenet", "cifar10"] : ["mnist"]
    result += ChannelNormalization.presets.filter { names.contains($0.name ?? "") }
    result.append(ChannelNormalization(means: [0.5], deviations: [0.5]))
    if square > 0 {
      func rounded(_ value: Double) -> Float { Float((value * 1e4).rounded() / 1e4) }
      let deviation = max(rounded(square.squareRoot()), 1e-4)
      result.append(ChannelNormalization(means: [rounded(mean)], deviations: [deviation]))
    }
    if let largest = values.max(), largest > 2 {
      result.insert(ChannelNormalization(means: [0], deviations: [255]), at: 0)
    }
    return result
  }
}
