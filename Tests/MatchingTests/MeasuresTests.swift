import LinearAlgebra
import Matching
import ModelGraph
import Support
import Tensors
import Testing

@Suite struct MeasuresTests {
  private let kernels = (1...4).map { LayerAlignment.Kernel(tensor: "w\($0)", outputAxis: 1) }
  private let architecture = Architecture.multilayerPerceptron

  @Test func distanceAndCosineByDefinition() {
    let a = ["x": Tensor(shape: [2], values: [3, 0]), "y": Tensor(shape: [1], values: [4])]
    let b = ["x": Tensor(shape: [2], values: [0, 0]), "y": Tensor(shape: [1], values: [1])]
    let measures = PairMeasures(a, b)
    #expect(measures.l2 == (18.0).squareRoot())
    #expect(measures.cosine == 0.8)
    #expect(PairMeasures(a, a).cosine == 1)
    #expect(PairMeasures(a, ["x": Tensor(zeros: [2])]).cosine == nil)
    // A tensor of another shape or of one network only is no part of the pair.
    #expect(PairMeasures(a, ["y": Tensor(zeros: [2])]).l2 == 0)
  }

  /// R of a network with itself is 1, and with itself permuted becomes 1 again by matching.
  @Test func alignmentOfEqualNetworksIsOne() throws {
    let groups = architecture.groups(width: 12)
    let a = architecture.weights(width: 12, seed: 1)
    let planted = Permuting.random(for: groups, seed: 2)
    let b = Permuting.apply(planted, of: groups, to: a)
    for ratio in try LayerAlignment(a, a, kernels: kernels).ratios() {
      #expect(abs((ratio ?? 0) - 1) < 1e-6)
    }
    let alignment = try LayerAlignment(a, b, kernels: kernels)
    for ratio in try alignment.ratios(permutations: planted.map(Permuting.inverse), of: groups) {
      #expect(abs((ratio ?? 0) - 1) < 1e-6)
    }
    for ratio in try alignment.ratios() { #expect(abs(ratio ?? 1) < 0.7) }
  }

  /// Moving the entries of the vectors is the same as decomposing the permuted network; kernels
  /// of four axes too.
  @Test(arguments: [Architecture.multilayerPerceptron, .flattenedChannelsLast])
  func permutingTheVectorsPermutesTheNetwork(_ architecture: Architecture) throws {
    let groups = architecture.groups(width: 10)
    let a = architecture.weights(width: 10, seed: 3)
    let b = architecture.weights(width: 10, seed: 4)
    let kernels =
      architecture == .multilayerPerceptron
      ? self.kernels
      : [
        .init(tensor: "kernel", outputAxis: 3), .init(tensor: "dense", outputAxis: 1),
        .init(tensor: "out", outputAxis: 1),
      ]
    let permutations = Permuting.random(for: groups, seed: 5)
    let permuted = Permuting.apply(permutations, of: groups, to: b)
    let moved = try LayerAlignment(a, b, kernels: kernels)
      .ratios(permutations: permutations, of: groups)
    let direct = try LayerAlignment(a, permuted, kernels: kernels).ratios()
    for (first, second) in zip(moved, direct) {
      #expect(abs((first ?? 1) - (second ?? 2)) < 1e-6)
    }
  }

  /// Kernel by kernel, and all kernels held at once: the same numbers.
  @Test func comparisonIsTheAlignmentBeforeAndAfter() throws {
    let groups = architecture.groups(width: 11)
    let a = architecture.weights(width: 11, seed: 6)
    let b = architecture.weights(width: 11, seed: 7)
    let permutations = Permuting.random(for: groups, seed: 8)
    let whole = try LayerAlignment(a, b, kernels: kernels)
    let comparison = try AlignmentComparison(
      a, b, kernels: kernels, permutations: permutations, of: groups)
    #expect(comparison.before == (try whole.ratios()))
    #expect(comparison.after == (try whole.ratios(permutations: permutations, of: groups)))
    #expect(comparison.before != comparison.after)
    #expect(
      comparison.singularValueDifferences.map(\.difference)
        == whole.singularValueDifferences.map(\.difference))
    #expect(comparison.singularValueDifferences.map(\.tensor) == kernels.map(\.tensor))
  }

  @Test func refusesWhatItCannotDecompose() throws {
    let a = architecture.weights(width: 6, seed: 1)
    let b = architecture.weights(width: 7, seed: 1)
    #expect(throws: Diagnostic.self) { try LayerAlignment(a, b, kernels: kernels) }
    #expect(throws: Diagnostic.self) {
      try LayerAlignment(a, a, kernels: [.init(tensor: "b1", outputAxis: 0)])
    }
    let zeros = a.mapValues { Tensor(zeros: $0.shape) }
    #expect(try LayerAlignment(a, zeros, kernels: []).ratios() == Array(repeating: nil, count: 5))
  }
}

@Suite("Measures of single tensors") struct TensorMeasuresTests {
  @Test("by definition; and no permutation changes singular values")
  func values() throws {
    let architecture = Architecture.flattenedChannelsFirst
    let groups = architecture.groups(width: 6)
    let a = architecture.weights(width: 6, seed: 1)
    let b = architecture.weights(width: 6, seed: 2)
    let permutations = Permuting.random(for: groups, seed: 3)
    let permuted = Permuting.apply(permutations, of: groups, to: b)
    let measures = try TensorMeasures.all(a, b, permutations: permutations, of: groups)
    // The parts make the whole.
    let whole = measures.reduce(into: PairMeasures()) { $0 += $1.after }
    #expect(whole == PairMeasures(a, permuted))
    #expect(measures.map(\.tensor) == a.keys.sorted())
    for measure in measures {
      let first = a[measure.tensor]?.values ?? []
      for (other, l2, cosine) in [
        (b, measure.before.l2, measure.before.cosine),
        (permuted, measure.after.l2, measure.after.cosine),
      ] {
        let second = other[measure.tensor]?.values ?? []
        let pairs = zip(first, second).map { (Double($0), Double($1)) }
        let distance = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        let inner = pairs.reduce(0) { $0 + $1.0 * $1.1 }
        let norms =
          (pairs.reduce(0) { $0 + $1.0 * $1.0 } * pairs.reduce(0) { $0 + $1.1 * $1.1 })
          .squareRoot()
        #expect(abs(l2 - distance) < 1e-5 * distance)
        #expect(abs((cosine ?? .nan) - inner / norms) < 1e-6)
      }
    }
    let kernels = [
      LayerAlignment.Kernel(tensor: "kernel", outputAxis: 0),
      LayerAlignment.Kernel(tensor: "dense", outputAxis: 0),
    ]
    let before = try LayerAlignment(a, b, kernels: kernels).singularValueDifferences
    let after = try LayerAlignment(a, permuted, kernels: kernels).singularValueDifferences
    for (one, two) in zip(before, after) {
      let (left, right) = (try #require(one.difference), try #require(two.difference))
      #expect(left > 0.01 && abs(left - right) < 1e-6)
    }
  }
}
