import ModelGraph
public import WeightFiles
import WorkbenchCore

extension Architecture {
  /// The partners of some tensors in another file: those of the same name and shape, else those that
  /// the two graphs pair.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the first difference.
  func partners(
    of names: [String], in file: WeightFile, _ other: WeightFile, _ architecture: Architecture
  ) throws -> [String] {
    let isNamed = try names.allSatisfy { name in
      other.catalog.tensor(named: name)?.shape == (try file.entry(named: name)).shape
    }
    if isNamed { return names }
    guard let graph, let theirs = architecture.graph else {
      throw try Architecture.difference(names, in: file, other)
    }
    let pairs: [String: String]
    do { pairs = try ModelPair(graph, theirs).tensorsBFromA } catch let error as Diagnostic {
      throw error.inside("\(file.catalog.file) and \(other.catalog.file)")
    }
    return try names.map { name in
      let shape = try file.entry(named: name).shape
      guard let partner = pairs[name], try other.entry(named: partner).shape == shape else {
        throw try Architecture.difference([name], in: file, other)
      }
      return partner
    }
  }

  /// The tensors of a file that a signature is for: of the same names and shapes, else by their places
  /// in the same architecture.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the architecture is another one.
  public func targets(of signature: Signature, in file: WeightFile) throws -> [String] {
    let tensors = signature.manifest.tensors
    let byName = tensors.allSatisfy { tensor in
      file.catalog.tensor(named: tensor.name).map { $0.shape == tensor.shape } ?? false
    }
    if byName { return tensors.map(\.name) }
    let places = Dictionary(
      layers.flatMap(\.tensors).compactMap { tensor in tensor.place.map { ($0, tensor.name) } },
      uniquingKeysWith: { first, _ in first })
    let byPlace = tensors.compactMap { tensor -> String? in
      guard let place = tensor.place, let name = places[place],
        file.catalog.tensor(named: name)?.shape == tensor.shape
      else { return nil }
      return name
    }
    if fingerprint == signature.manifest.architecture, byPlace.count == tensors.count {
      return byPlace
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
    _ names: [String], in file: WeightFile, _ other: WeightFile
  ) throws -> Diagnostic {
    for name in names {
      let shape = try file.entry(named: name).shape
      let there = other.catalog.tensor(named: name)?.shape
      if there == shape { continue }
      return Diagnostic(
        .badData,
        "the networks differ: \(name) has the shape \(shape) in \(file.catalog.file) and "
          + (there.map { "\($0) here" } ?? "is not here"), at: [other.catalog.file],
        remedy: "the three networks must have one architecture")
    }
    return Diagnostic(.badData, "the networks differ", at: [other.catalog.file])
  }
}
