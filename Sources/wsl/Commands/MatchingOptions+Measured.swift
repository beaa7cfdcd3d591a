import Datasets
import Matching
import ModelGraph
import Networks
import Support
import Workbench

extension MatchingOptions {
  /// Matches two networks as `match` does, and measures meanwhile how their singular vectors line up.
  func matchMeasured(
    _ pair: LoadedPair, examples: Dataset?, initial: [[Int]]?, jobs: Int?,
    progress: @escaping ProgressHandler
  ) throws -> (found: WeightMatching.Result, vectors: AlignmentComparison) {
    let (found, comparison) = try AlignmentComparison.beside(
      pair.weightsA, pair.weightsB, kernels: pair.kernels, of: pair.pair.groupsA, jobs: jobs,
      search: {
        try match(pair, examples: examples, initial: initial, jobs: jobs, progress: progress)
      }, permutations: \.permutations)
    return (found, comparison)
  }
}

extension LoadedPair {
  /// The kernels whose singular vectors are compared.
  var kernels: [LayerAlignment.Kernel] {
    graph.kernels.map { LayerAlignment.Kernel(tensor: $0.tensor, outputAxis: $0.outputAxis) }
  }
}
