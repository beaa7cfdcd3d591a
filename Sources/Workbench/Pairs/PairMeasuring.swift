import Connectivity
import LinearAlgebra
public import Matching
public import ModelGraph
public import Networks
import Support
import Tensors
import WeightFiles

/// What is measured of two networks' weights beside the losses between them. A network is
/// decomposed once, however many pairs it is in.
public final class PairMeasuring {
  /// The singular vectors' alignment R for each threshold.
  public struct Alignment {
    /// The thresholds γ, as shares of a layer's largest singular value.
    public var thresholds: [Double]
    /// R between the two networks; nil where no vector is left.
    public var ends: [Double?]
    /// R between the first network and the mean of both.
    public var endAAndMiddle: [Double?]
    /// R between the second network and the mean of both.
    public var endBAndMiddle: [Double?]
  }

  private let graph: ModelGraph
  private let examples: Dataset?
  private let kernels: [LayerAlignment.Kernel]
  private let jobs: Int?
  private var networks: [Int: DecomposedNetwork] = [:]
  private var inputs: [Int: LayerInputs] = [:]

  /// Measures the kernels of a graph.
  ///
  /// - Parameter examples: what the networks are run on where outputs are compared; nil for not.
  public init(graph: ModelGraph, examples: Dataset?, jobs: Int?) {
    self.graph = graph
    self.examples = examples
    kernels = graph.kernels.map {
      LayerAlignment.Kernel(tensor: $0.tensor, outputAxis: $0.outputAxis)
    }
    self.jobs = jobs
  }

  /// - Parameter isTurned: whether the weights are taken as a change beyond orders lines them up.
  private func decomposed(
    _ model: MatchedModels.Model, isTurned: Bool = false
  ) throws -> DecomposedNetwork {
    let key = isTurned ? -1 - model.index : model.index
    if let known = networks[key] { return known }
    let network = try DecomposedNetwork(
      weights(model, isTurned: isTurned), kernels: kernels, jobs: jobs)
    networks[key] = network
    return network
  }

  private func weights(_ model: MatchedModels.Model, isTurned: Bool) -> Weights {
    isTurned ? model.changedWeights ?? model.weights : model.weights
  }

  /// The relative differences of singular values, kernel after kernel: permutations do not change
  /// them.
  public func singularValueDifferences(
    _ a: MatchedModels.Model, _ b: MatchedModels.Model
  ) throws -> [(tensor: String, difference: Double?)] {
    let (first, second) = (try decomposed(a), try decomposed(b))
    return Array(zip(first.tensors, first.singularValueDifferences(to: second)))
  }

  /// The singular values of each kernel of a model.
  public func spectra(_ model: MatchedModels.Model) throws -> [(tensor: String, values: [Double])] {
    let network = try decomposed(model)
    return Array(zip(network.tensors, network.singularValues))
  }

  /// R between two networks, and between each and their mean.
  ///
  /// - Parameter isMatched: whether both are taken as permuted.
  public func alignment(
    _ a: MatchedModels.Model, _ b: MatchedModels.Model, groups: [PermutationGroup],
    isMatched: Bool
  ) throws -> Alignment {
    let (first, second) = (
      try decomposed(a, isTurned: isMatched && a.changedWeights != nil),
      try decomposed(b, isTurned: isMatched && b.changedWeights != nil)
    )
    let (permutationsA, permutationsB, relative) = permutations(
      a, b, groups: groups, isMatched: isMatched)
    let middle = try DecomposedNetwork(
      LinearPath.point(
        Permuting.apply(
          permutationsA, of: groups, to: weights(a, isTurned: isMatched)),
        Permuting.apply(
          permutationsB, of: groups, to: weights(b, isTurned: isMatched)), at: 0.5),
      kernels: kernels, jobs: jobs)
    return Alignment(
      thresholds: LayerAlignment.standardThresholds,
      ends: try LayerAlignment(first, second, jobs: jobs)
        .ratios(permutations: relative, of: groups),
      endAAndMiddle: try LayerAlignment(middle, first, jobs: jobs)
        .ratios(permutations: permutationsA, of: groups),
      endBAndMiddle: try LayerAlignment(middle, second, jobs: jobs)
        .ratios(permutations: permutationsB, of: groups))
  }

  /// How far the outputs of each layer can be apart on data, and how far they are; none where there
  /// are no data to run the networks on.
  public func outputBounds(
    _ a: MatchedModels.Model, _ b: MatchedModels.Model, groups: [PermutationGroup],
    isMatched: Bool
  ) throws -> [OutputBound] {
    guard let examples else { return [] }
    let known =
      try inputs[a.index]
      ?? LayerInputs(
        graph: graph, weights: a.weights, on: examples, jobs: jobs)
    inputs[a.index] = known
    return try OutputBound.measure(
      weights(a, isTurned: isMatched),
      decomposed(a, isTurned: isMatched && a.changedWeights != nil),
      weights(b, isTurned: isMatched),
      decomposed(b, isTurned: isMatched && b.changedWeights != nil),
      inputs: known,
      permutations: permutations(a, b, groups: groups, isMatched: isMatched).relative, of: groups,
      jobs: jobs)
  }

  /// How the units of two networks are lined up with the reference, and B's with A's: the place of
  /// A's unit u, and the unit of B that is put there.
  private func permutations(
    _ a: MatchedModels.Model, _ b: MatchedModels.Model, groups: [PermutationGroup], isMatched: Bool
  ) -> (a: [[Int]], b: [[Int]], relative: [[Int]]) {
    let none = Permuting.identity(for: groups)
    let (own, other) =
      isMatched ? (a.permutations ?? none, b.permutations ?? none) : (none, none)
    let relative = zip(own, other).map { own, other in
      Permuting.inverse(own).map { other[$0] }
    }
    return (own, other, relative)
  }
}
