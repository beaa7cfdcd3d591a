public import LinearAlgebra
import Support

/// The similarities of all pairs of some networks, gathered batch by batch.
///
/// The unbiased CKA divides sums over the batches (Nguyen, Raghu and Kornblith 2021, equation 3), so that
/// it does not depend on the size of the batches but for chance. The biased CKA and SVCCA are means over
/// the batches, as the zoo of phases has them; with one batch they are those of all examples.
public struct SimilarityMatrix: Sendable, Hashable {
  /// Which estimate of CKA.
  public enum Estimate: String, Sendable, Hashable, CaseIterable {
    case unbiased, biased
  }

  /// The number of networks.
  public let count: Int
  /// The estimate of CKA.
  public let estimate: Estimate
  private let measuresSVCCA: Bool
  private var sums: [Double]
  private var canonical: [Double]
  private var examples = 0

  /// Begins with no examples.
  public init(count: Int, estimate: Estimate = .unbiased, measuresSVCCA: Bool = true) {
    precondition(count > 0)
    self.count = count
    self.estimate = estimate
    self.measuresSVCCA = measuresSVCCA
    sums = Array(repeating: 0, count: count * count)
    canonical = sums
  }

  /// Adds a batch.
  ///
  /// - Parameters:
  ///   - features: what each network makes of the batch's examples, a row an example.
  ///   - jobs: how many pairs are computed side by side; the result does not depend on it.
  /// - Throws: `Diagnostic` of code `usage` where there are fewer than four examples, `badData` where a
  ///   number is not finite.
  /// - Complexity: for m networks and n examples of w numbers O(m²·n·min(n, w²/n) + m·n²·w), of layers of few
  ///   numbers O(m²·n·w²); with SVCCA m·min(n, w)³ and m²·k²·n more, for k directions.
  public mutating func add(_ features: [Matrix<Double>], jobs: Int? = nil) throws {
    precondition(features.count == count, "there is a matrix a network")
    let rows = features[0].rows
    precondition(features.allSatisfy { $0.rows == rows }, "all are of the same examples")
    guard rows > 3 else {
      throw Diagnostic(.usage, "similarities need four examples, not \(rows)")
    }
    guard features.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
      throw Diagnostic(.badData, "a layer's output is not finite")
    }
    let (estimate, measures, count) = (estimate, measuresSVCCA, count)
    let width = features.map(\.columns).max() ?? 0
    let withGram = LayerSimilarity.prefersGram(width: width, count: rows)
    // What belongs to one network is computed once, not once a pair.
    let layers = try Parallel.map(count: count, jobs: jobs) { index in
      let layer = LayerSimilarity(features[index], withGram: withGram)
      return (layer: layer, directions: measures ? try layer.directions() : nil)
    }
    let pairs = (0..<count).flatMap { a in (a..<count).map { (a, $0) } }
    let found = try Parallel.map(count: pairs.count, jobs: jobs) { index in
      let (a, b) = (layers[pairs[index].0], layers[pairs[index].1])
      let criterion =
        estimate == .unbiased ? a.layer.unbiasedHSIC(b.layer) : a.layer.biasedHSIC(b.layer)
      var canonical = 1.0
      if pairs[index].0 != pairs[index].1, let left = a.directions, let right = b.directions {
        canonical = try LayerSimilarity.meanSVCCA(left, right)
      }
      return (criterion: criterion, canonical: canonical)
    }
    var criteria = Array(repeating: 0.0, count: count * count)
    let weight = Double(rows)
    for ((a, b), value) in zip(pairs, found) {
      for place in Set([a * count + b, b * count + a]) {
        criteria[place] = value.criterion
        canonical[place] += weight * value.canonical
      }
    }
    if estimate == .biased { criteria = Self.ratios(criteria, count) }
    for place in sums.indices { sums[place] += weight * criteria[place] }
    examples += rows
  }

  /// Linear CKA of two networks; NaN where the outputs of one do not vary.
  public func cka(_ a: Int, _ b: Int) -> Double {
    let scale = Double(max(1, examples))
    if estimate == .biased { return sums[a * count + b] / scale }
    return Self.ratios(sums, count)[a * count + b]
  }

  /// The mean canonical correlation of two networks; NaN where the outputs of one do not vary.
  public func svcca(_ a: Int, _ b: Int) -> Double {
    canonical[a * count + b] / Double(max(1, examples))
  }

  private static func ratios(_ criteria: [Double], _ count: Int) -> [Double] {
    var result = criteria
    for a in 0..<count {
      for b in 0..<count {
        let scale = criteria[a * count + a] * criteria[b * count + b]
        result[a * count + b] = scale > 0 ? criteria[a * count + b] / scale.squareRoot() : .nan
      }
    }
    return result
  }
}
