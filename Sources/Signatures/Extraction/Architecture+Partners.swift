import Catalogs
public import ModelGraph
import Support
public import WeightFiles

extension Architecture {
  /// How the tensors of a file go with those of another one.
  func pairing(
    _ file: WeightFile, _ other: WeightFile, _ architecture: Architecture
  ) throws -> FilePairing {
    try FilePairing(
      file.catalog, other.catalog, graphs: (graph, architecture.graph),
      likeness: { try FilePairing.likeness($0, in: file, $1, in: other) })
  }

  /// The partners of some tensors in another file.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the first difference.
  static func partners(
    of names: [String], in file: WeightFile, _ other: WeightFile, _ pairing: FilePairing
  ) throws -> [String] {
    let (own, theirs) = (file.catalog.tensors, other.catalog.tensors)
    var partners: [String: String] = [:]
    // A guess by shapes is none that weights are subtracted on.
    for pair in pairing.pairs
    where pair.reason != .shapeAndOrder && pair.axes == nil && !pair.isOfHead {
      partners[own[pair.first].name] = theirs[pair.second].name
    }
    return try names.map { name in
      let name = try file.entry(named: name).name
      guard let partner = partners[name] else {
        throw try Architecture.difference(name, in: file, other, pairing)
      }
      return partner
    }
  }

  /// The tensors of a file that a signature is for, and how they were found: by their places in the
  /// network, also in one with another head; by their names where there is none. Where both fit and
  /// differ, the network that the signature starts from decides, of which it holds samples.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the architecture is another one.
  public func targets(of signature: Signature, in file: WeightFile) throws -> SignatureTargets {
    let tensors = signature.manifest.tensors
    func fits(_ name: String, _ tensor: SignatureTensor) -> Bool {
      file.catalog.tensor(named: name).map { $0.shape == tensor.shape } ?? false
    }
    let names = tensors.map(\.name)
    let byName = zip(names, tensors).allSatisfy { fits($0, $1) } ? names : nil
    let places = Dictionary(
      layers.flatMap(\.tensors).compactMap { tensor in tensor.place.map { ($0, tensor.name) } },
      uniquingKeysWith: { first, _ in first })
    let found = tensors.compactMap { tensor in
      tensor.place.flatMap { places[$0] }.flatMap { fits($0, tensor) ? $0 : nil }
    }
    let byPlace = found.count == tensors.count ? found : nil
    let isSame = fingerprint == signature.manifest.architecture
    if let byPlace, let byName, byPlace != byName {
      let likeness = try [byPlace, byName].map {
        try AncestorSample.cosine(of: signature, with: file, names: $0) ?? 0
      }
      let goesByPlace = likeness[0] == likeness[1] ? isSame : likeness[0] > likeness[1]
      return SignatureTargets(
        names: goesByPlace ? byPlace : byName, reason: goesByPlace ? .graph : .name)
    }
    if let byPlace, isSame || byName != nil {
      return SignatureTargets(names: byPlace, reason: isSame ? .graph : .name)
    }
    if let byName { return SignatureTargets(names: byName, reason: .name) }
    // Another architecture, and other names: the places may be those of another head alone.
    if let byPlace,
      let likeness = try AncestorSample.cosine(of: signature, with: file, names: byPlace),
      likeness >= AncestorSample.leastCosine
    {
      return SignatureTargets(names: byPlace, reason: .graph)
    }
    let first = tensors.first { file.catalog.tensor(named: $0.name)?.shape != $0.shape }
    let there = first.flatMap { file.catalog.tensor(named: $0.name)?.shape }
    throw Diagnostic(
      .badData,
      "the signature \(signature.name) is for another architecture (\(signature.manifest.architecture), and this is \(fingerprint)): its tensor \(first?.name ?? "") \(first?.shape ?? []) "
        + (there.map { "has the shape \($0) here" } ?? "is not here"),
      at: [file.catalog.file],
      remedy: "extract a signature from networks of this architecture")
  }

  private static func difference(
    _ name: String, in file: WeightFile, _ other: WeightFile, _ pairing: FilePairing
  ) throws -> Diagnostic {
    let own = try file.entry(named: name)
    let pair = (pairing.reshaped + pairing.pairs).first {
      file.catalog.tensors[$0.first].name == own.name
    }
    let there = pair.map { other.catalog.tensors[$0.second] }
    let what =
      there.map { there in
        there.shape == own.shape
          ? "its partner \(there.name) is laid out otherwise, or belongs to another head"
          : "\(there.name) \(there.shape) here"
      } ?? "is not here"
    return Diagnostic(
      .badData,
      "the networks differ: \(name) has the shape \(own.shape) in \(file.catalog.file) and \(what)",
      at: [other.catalog.file], remedy: "the three networks must have one architecture")
  }
}

/// The tensors of a file that a signature is for.
public struct SignatureTargets: Sendable, Hashable {
  /// Their names, in the order of the signature.
  public var names: [String]
  /// Whether their places in the network told them, or their names.
  public var reason: FilePairing.Reason
}
