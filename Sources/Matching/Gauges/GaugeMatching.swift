import LinearAlgebra
public import ModelGraph
public import Support
public import Tensors

/// Lines B up with A by all symmetries that its graph has: orders, signs and rotations.
///
/// Both networks are brought to canonical form, B's groups are matched by turns, and the result is given in
/// A's own form: A stays as it is, and B has A's gains, shifts and sizes of factors. So the mean of A and
/// the changed B is, as a function, the mean of the canonical forms, and the output is an ordinary
/// checkpoint.
public enum GaugeMatching {
  /// How to search.
  public struct Options: Sendable {
    /// How much of the symmetries is used.
    public var level = SymmetryLevel.orthogonal
    /// Decides the starts of the restarts.
    public var seed: UInt64 = 0
    /// How many descents to make. The first starts from what ties both networks, tables of tokens for one;
    /// the others from random elements.
    public var restarts = 1
    /// When a descent stops even if it still gains.
    public var maximumSweeps = 50
    /// How many threads work; nil means one a processor.
    public var jobs: Int?
    /// Whether every kernel and table counts by its cosine, and not by its size.
    public var usesCosines = false
    /// How the groups are moved on by the loss of the networks between A and B; nil for not at all.
    public var learning: GaugeLearning?

    /// Makes options.
    public init() {}
  }

  /// Lines B up with A.
  ///
  /// - Parameters:
  ///   - a: the network that stays.
  ///   - b: the network to change, under A's names and in A's axis order.
  ///   - graph: the layers of both.
  ///   - progress: hears of every sweep.
  /// - Throws: `Diagnostic`: `badData` where a tensor is missing, has another shape or a number that is
  ///   not finite.
  /// - Complexity: a sweep takes 4·d·elements operations and one decomposition of a d×d matrix for a
  ///   stream of d channels; heads² decompositions of the width of a head, and an assignment a set of
  ///   hidden units.
  public static func match(
    _ a: Weights, _ b: Weights, graph: ModelGraph, options: Options = Options(),
    progress: ProgressHandler? = nil
  ) throws -> GaugeMatch {
    let clock = ContinuousClock()
    let begin = clock.now
    let symmetries = try usable(graph, a, b, level: options.level)
    let canonicalA = try Canonicalization(a, symmetries).transform
    let canonicalB = try Canonicalization(b, symmetries).transform
    let first = try canonicalA.applied(to: a, jobs: options.jobs)
    let second = try canonicalB.applied(to: b, jobs: options.jobs)
    let counting =
      options.usesCosines
      ? TensorWeights(cosinesOf: first, second, groups: symmetries.groups) : nil
    var begun: GaugeSearch? = GaugeSearch(
      a: first, b: second, groups: symmetries.groups, experts: symmetries.experts,
      level: options.level, jobs: options.jobs)
    let before = begun?.distance ?? 0
    // Of parts of norm one the squared distances add up to twice their number less the products.
    let norms = counting.map { 2 * $0.total } ?? begun?.squares ?? 0
    if let counting { begun?.turn(to: counting.applied(to: first)) }
    var best: GaugeSearch?
    var chosen = 0
    for restart in 0..<max(1, options.restarts) {
      guard var search = begun else { break }
      // The last descent works on the only copy of B that is left.
      if restart == options.restarts - 1 || options.restarts < 2 { begun = nil }
      if restart > 0 {
        var generator = SeededGenerator(seed: options.seed).derived(UInt64(restart))
        for (index, group) in symmetries.groups.enumerated() where group.kind != .heads {
          try search.apply(GroupElement.random(group, using: &generator), to: index)
        }
      }
      try search.run(maximumSweeps: options.maximumSweeps) { sweep, product in
        progress?(
          ProgressUpdate(
            "matching", completed: sweep, total: options.maximumSweeps,
            detail: "inner product \(product)"))
      }
      if (search.trace.last ?? 0) > (best?.trace.last ?? -.infinity) {
        best = search
        chosen = restart
      }
    }
    guard var found = best else {
      throw Diagnostic(.failed, "the networks cannot be compared")
    }
    found.turn(to: first)
    let learned = try options.learning?.improve(
      &found, graph: graph, seed: options.seed, progress: progress)
    var transform = canonicalB
    // Experts first: what was found of their hidden units is that of their new places.
    for (mixture, exchange) in zip(found.mixtures, found.exchanges) {
      transform.append(.exchange(exchange))
      transform.append(
        .map(
          mixture.experts.router.map(UnitPlaces.init), .order(exchange.order, factors: nil)))
    }
    for (group, element) in zip(symmetries.groups, found.elements) {
      for step in element.steps(group) { transform.append(step) }
    }
    transform.append(canonicalA.inverse)
    return GaugeMatch(
      groups: zip(symmetries.groups, found.elements).map { GaugeMatch.Group($0, $1) }
        + found.exchanges.indices.map {
          GaugeMatch.Group(found.mixtures[$0].experts, found.exchanges[$0])
        },
      transform: transform, objectiveBefore: before, objectiveAfter: found.distance,
      objectives: found.trace.map { norms - 2 * $0 }, sweeps: found.sweeps, restart: chosen,
      foldedLayers: symmetries.folds.map(\.layer) + symmetries.scaleFolds.map(\.layer),
      learning: learned, seconds: (clock.now - begin) / .seconds(1))
  }

  /// The symmetries that both networks have, as far as the level uses them: gains that are all equal need
  /// no folding, and gains that are zero cannot be folded.
  static func usable(
    _ graph: ModelGraph, _ a: Weights, _ b: Weights, level: SymmetryLevel
  ) throws -> NetworkSymmetries {
    for parameter in graph.parameters {
      guard let first = a[parameter.tensor], let second = b[parameter.tensor] else {
        throw Diagnostic(
          .badData, "the tensor is in one of the two networks only", at: [parameter.tensor])
      }
      guard first.shape == second.shape else {
        throw Diagnostic(
          .badData, "the two networks have shapes \(first.shape) and \(second.shape)",
          at: [parameter.tensor], remedy: "match networks of the same architecture")
      }
      for (name, tensor) in [("A", first), ("B", second)] {
        guard let index = tensor.firstNonFinite else { continue }
        throw Diagnostic(
          .badData, "element \(index) of \(name) is \(tensor.values[index])",
          at: [parameter.tensor], remedy: "training has diverged; match an earlier checkpoint")
      }
    }
    var constants: Set<String> = []
    var zeros: Set<String> = []
    for layer in graph.layers {
      guard let gamma = layer.parameter(.gamma) else { continue }
      var offset: Float = 0
      if case .rmsNormalization(let normalization) = layer.operation {
        offset = Float(normalization.offset)
      }
      let gains = [a, b].map { ($0[gamma.tensor]?.values ?? []).map { $0 + offset } }
      // Equal gains have to be one number in both, or the two cannot be averaged in one form.
      if let one = gains[0].first, gains.joined().allSatisfy({ $0 == one }) {
        constants.insert(gamma.tensor)
      }
      let hasZeros = gains.contains { gains in
        let largest = gains.lazy.map(abs).max() ?? 0
        return gains.contains { abs($0) <= 1e-6 * largest }
      }
      if hasZeros { zeros.insert(gamma.tensor) }
    }
    var symmetries = try graph.symmetries(constants: constants, unfoldable: zeros)
    symmetries.groups = symmetries.groups.map { $0.restricted(to: level) }
    return symmetries
  }

}
