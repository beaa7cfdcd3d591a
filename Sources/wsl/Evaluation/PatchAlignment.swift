import Matching
import ModelGraph
import Signatures
import WeightFiles
import WorkbenchCore

/// How a model's units correspond to those of the network that signatures were extracted from.
struct PatchAlignment {
  /// The network in whose arrangement signatures are.
  struct Reference {
    var path: String

    /// Matches a model to the reference by weights.
    func lineUp(
      _ model: WeightFile, matching: MatchingOptions, jobs: Int?, quiet: Bool
    ) async throws -> PatchAlignment {
      let progress = ProgressLine(quiet: quiet)
      defer { progress.finish() }
      let pair = try await LoadedPair.load(
        path, model.catalog.file, graphFile: matching.graph, jobs: jobs)
      let found = try matching.match(pair, jobs: jobs, progress: progress.handler)
      return PatchAlignment(
        reference: path, pair: pair, permutations: found.permutations,
        objective: (found.objectiveBefore, found.objectiveAfter),
        architecture: try Architecture(pair.fileA, graphFile: matching.graph))
    }
  }

  /// The network's path.
  let reference: String
  private let pair: LoadedPair
  private let permutations: [[Int]]
  /// The sum of squares before and after.
  let objective: (before: Double, after: Double)
  private let architecture: Architecture

  /// A signature with its units where the model has them, and the names of its tensors there.
  func arranged(_ signature: Signature) throws -> (signature: Signature, names: [String]) {
    let inReference = try architecture.targets(of: signature, in: pair.fileA)
    // A permutation tells which of the model's units stands beside the reference's first, second, …;
    // the signature goes the other way.
    let moves = Permuting.moves(
      permutations.map(Permuting.inverse), of: pair.pair.groupsB)
    var names: [String] = []
    for (tensor, name) in zip(signature.manifest.tensors, inReference) {
      let partner = pair.pair.tensorsBFromA[name] ?? name
      guard try pair.fileB.entry(named: partner).shape == tensor.shape else {
        throw Diagnostic(
          .badData, "it is laid out otherwise than the signature's tensor \(tensor.name)",
          at: [pair.fileB.catalog.file, partner],
          remedy: "only networks of one framework are lined up for patching")
      }
      names.append(partner)
    }
    let places = Dictionary(
      zip(signature.manifest.tensors.map(\.name), names), uniquingKeysWith: { first, _ in first })
    let moved = try signature.rearranged { tensor, codes, size in
      guard let name = places[tensor.name], let own = moves[name] else { return codes }
      return try Permuting.applyBytes(codes, shape: tensor.shape, elementSize: size, moves: own)
    }
    return (moved, names)
  }
}
