import LinearAlgebra
import Matching
import ModelGraph
import Support
import Tensors
import Testing

/// Decomposing beside the search finds what decomposing after it finds.
@Suite("Singular vectors beside a search") struct AlignmentBesideTests {
  private let kernels = (1...4).map { LayerAlignment.Kernel(tensor: "w\($0)", outputAxis: 1) }
  private let architecture = Architecture.multilayerPerceptron

  @Test("the same numbers as after it, for any number of jobs", arguments: [1, 2, 3, 16])
  func values(_ jobs: Int) throws {
    let groups = architecture.groups(width: 140)
    let a = architecture.weights(width: 140, seed: 6)
    let b = architecture.weights(width: 140, seed: 7)
    let permutations = Permuting.random(for: groups, seed: 8)
    let after = try AlignmentComparison(
      a, b, kernels: kernels, permutations: permutations, of: groups)
    let (found, beside) = try AlignmentComparison.beside(
      a, b, kernels: kernels, of: groups, jobs: jobs, search: { permutations },
      permutations: { $0 })
    #expect(found == permutations)
    #expect(beside.before == after.before)
    #expect(beside.after == after.after)
    #expect(beside.before != beside.after)
    for (one, two) in zip(beside.singularValueDifferences, after.singularValueDifferences) {
      #expect(one == two)
    }
  }

  /// A kernel too large to be held beside the search is decomposed after it.
  @Test func largeKernels() throws {
    var generator = SeededGenerator(seed: 1)
    let shape = [2, 2_900_000]
    let values = (0..<2).map { _ in
      (0..<5_800_000).map { _ in Float.random(in: -1...1, using: &generator) }
    }
    let networks = values.map { ["w": Tensor(shape: shape, values: $0)] }
    let kernels = [LayerAlignment.Kernel(tensor: "w", outputAxis: 0)]
    let (_, beside) = try AlignmentComparison.beside(
      networks[0], networks[1], kernels: kernels, of: [], search: { 0 }, permutations: { _ in [] })
    let after = try AlignmentComparison(
      networks[0], networks[1], kernels: kernels, permutations: [], of: [])
    #expect(beside.before == after.before && beside.before[0] != nil)
  }

  /// The search's own error comes before that of a kernel, whichever happens first.
  @Test(arguments: [1, 2, 8])
  func errors(_ jobs: Int) throws {
    let a = architecture.weights(width: 6, seed: 1)
    var broken = a
    broken["w1"]?.values[3] = .nan
    for (network, isFailing, part) in [
      (broken, true, "the search"), (broken, false, "w1"), (a, true, "the search"),
    ] {
      let error = #expect(throws: Diagnostic.self) {
        _ = try AlignmentComparison.beside(
          a, network, kernels: kernels, of: architecture.groups(width: 6), jobs: jobs,
          search: {
            if isFailing { throw Diagnostic(.failed, "the search failed") }
            return Permuting.identity(for: architecture.groups(width: 6))
          }, permutations: { $0 })
      }
      let text = error?.description ?? ""
      #expect(text.contains(part))
    }
  }
}
