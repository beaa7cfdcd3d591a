import Catalogs
public import Matching
public import ModelGraph
public import Signatures
import Support
public import WeightFiles

/// How a model's units correspond to those of the network that signatures were extracted from.
public struct PatchAlignment {
  /// The network's path.
  public let reference: String
  /// The two networks.
  public let pair: LoadedPair
  private let permutations: [[Int]]
  /// The sum of squares before and after.
  public let objective: (before: Double, after: Double)
  private let architecture: Architecture
  /// What the files leave open about which units correspond.
  public var assumptions: [FileAssumption] {
    pair.assumptions.filter(\.assumption.concernsPermuting)
  }

  /// Lines a model up with the network that signatures were extracted from.
  ///
  /// - Parameters:
  ///   - reference: that network's path.
  ///   - statement: what the user states about the networks.
  public init(
    _ model: WeightFile, with reference: String, statement: GraphStatement, jobs: Int?,
    match: (LoadedPair) throws -> WeightMatching.Result
  ) async throws {
    pair = try await LoadedPair.load(
      reference, model.catalog.file, statement: statement, jobs: jobs, acceptsHeads: true)
    let found = try match(pair)
    self.reference = reference
    permutations = found.permutations
    objective = (found.objectiveBefore, found.objectiveAfter)
    architecture = try Architecture(pair.fileA, statement: statement)
  }

  /// A signature with its units where the model has them, and the names of its tensors there.
  public func arranged(_ signature: Signature) throws -> (signature: Signature, names: [String]) {
    let inReference = try architecture.targets(of: signature, in: pair.fileA).names
    // A permutation tells which of the model's units stands beside the reference's first, second, …;
    // the signature goes the other way.
    let moves = Permuting.moves(
      permutations.map(Permuting.inverse), of: pair.pair.groupsB)
    var names: [String] = []
    for (tensor, name) in zip(signature.manifest.tensors, inReference) {
      guard let partner = pair.pair.tensorsBFromA[name] else {
        throw Diagnostic(
          .badData, "the signature's tensor \(tensor.name) has no partner in it",
          at: [pair.fileB.catalog.file],
          remedy: "extract a signature of the layers that both networks have")
      }
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
