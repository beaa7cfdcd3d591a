import Catalogs
public import Matching
public import ModelGraph
import Support
import WeightFiles

extension ModelPair {
  /// The error for networks of one body and different heads where only whole ones can be taken; nil
  /// where they are whole.
  var headDifference: Diagnostic? {
    headNote.map { note in
      Diagnostic(
        .badData, "the networks share a body and have different heads: \(note)",
        remedy: "their bodies can be matched, compared and merged; together they cannot be run")
    }
  }
}

extension LoadedPair {
  /// Refuses what needs both networks whole.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the heads.
  public func requireWhole() throws {
    guard let error = pair.headDifference else { return }
    throw error.inside("\(fileA.catalog.file) and \(fileB.catalog.file)")
  }

  /// What was left where it is because the networks have different heads, a sentence each.
  public var headWarnings: [String] {
    var warnings: [String] = []
    if let note = pair.headNote {
      warnings.append(
        "the head was not compared: \(note); its outputs stay, and only its inputs move along")
    }
    if !pair.isWhole, !pair.unpairedGroups.isEmpty {
      warnings.append(
        "units that the other network ties differently stay in place: "
          + pair.unpairedGroups.joined(separator: ", "))
    }
    if !pair.contradictions.isEmpty {
      let layers = pair.contradictions.map { "\($0.a) ~ \($0.b)" }.joined(separator: ", ")
      warnings.append(
        "layers that carry each other's names are matched by their place in the network: \(layers)")
    }
    return warnings
  }

  /// A match, written down for B's file: also the groups of its head, which stay.
  public func document(
    _ found: WeightMatching.Result, method: String, seed: UInt64
  ) throws -> PermutationDocument {
    let own = try ownGroups()
    var permutations = Permuting.identity(for: own.groups)
    for (place, permutation) in zip(own.places, found.permutations) {
      permutations[place] = permutation
    }
    var document = PermutationDocument(
      permutations, of: own.groups, fingerprint: fingerprintOfB, method: method, seed: seed,
      objective: (found.objectiveBefore, found.objectiveAfter))
    document.transform = try found.gauge.map { try transformOfB($0) }
    return document
  }

  /// The graph of A, in which what is one tensor in either file is one.
  public var graphOfBoth: ModelGraph {
    var result = graph
    let names = Dictionary(
      pair.tensorsBFromA.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for shared in pair.b.sharedStorage {
      let own = SharedStorage(
        names: shared.names.map { names[$0] ?? "" }, isOneTensor: shared.isOneTensor)
      if !result.sharedStorage.contains(own) { result.sharedStorage.append(own) }
    }
    return result
  }

  /// A change of B's weights in the names and axes of its file.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the two files have a tensor in orders that the change
  ///   cannot be carried over to.
  public func transformOfB(_ found: GaugeMatch) throws -> GaugeTransform {
    try found.transform.renamed(pair.tensorsBFromA, axes: pair.axes)
  }

  /// The permutations of a document for B's file, one a group of the pair.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is of another architecture.
  public func permutations(of document: PermutationDocument) throws -> [[Int]] {
    let own = try ownGroups()
    let all = try document.permutations(for: own.groups, fingerprint: fingerprintOfB)
    return own.places.map { all[$0] }
  }

  private var fingerprintOfB: String { pair.isWhole ? graph.fingerprint : pair.b.fingerprint }

  /// All groups of B, and which of them are those of the pair.
  private func ownGroups() throws -> (groups: [PermutationGroup], places: [Int]) {
    if pair.isWhole { return (pair.groupsB, Array(pair.groupsB.indices)) }
    var groups = try pair.b.permutationGroups()
    let places = pair.groupsB.compactMap { group in
      groups.firstIndex { $0.members.contains { $0 == group.members.first } }
    }
    for (place, group) in zip(places, pair.groupsB) { groups[place].name = group.name }
    return (groups, places)
  }
}
