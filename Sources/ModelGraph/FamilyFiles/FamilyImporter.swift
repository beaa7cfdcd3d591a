import Catalogs
import Support

/// Builds the graph of a file of weights from the family that its names, shapes and configuration are of.
enum FamilyImporter {
  /// The graph; nil where the file is of no family that is known.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the file is of a family, and a tensor or its
  ///   configuration does not fit.
  static func graph(of catalog: Catalog, statement: GraphStatement) throws -> ModelGraph? {
    let configuration = configuration(of: catalog)
    let dotted = catalog.tensors.map { $0.name.replacing("/", with: ".") }
    if let path = statement.family {
      let family = try FamilyFile(path: path)
      guard let names = names(of: family.head, catalog, dotted) else {
        throw Diagnostic(
          .badData,
          "the file is not of the family \(family.head.name): it has not all of "
            + family.head.firstTensors.joined(separator: ", ")
            + " once, or has what the family has not")
      }
      var builder = FamilyGraph(family, catalog, names: names, configuration, statement)
      return try builder.graph()
    }
    let type = (configuration?["model_type"] ?? configuration?["architecture"])?.string
    let candidates = FamilyLibrary.members.compactMap { member in
      names(of: member.head, catalog, dotted).map { (member: member, names: $0) }
    }
    let declared = candidates.first { candidate in
      type.map { candidate.member.head.isType($0) } ?? false
    }
    if let declared {
      return try graph(declared.member, declared.names, catalog, configuration, statement)
    }
    var failure: (any Error)?
    for candidate in candidates.sorted(by: {
      $0.member.head.tensors.count > $1.member.head.tensors.count
    }) {
      do {
        return try graph(
          candidate.member, candidate.names, catalog, configuration, statement, unknownType: type)
      } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
    return nil
  }

  private static func graph(
    _ member: FamilyLibrary.Member, _ names: FamilyTensorNames, _ catalog: Catalog,
    _ configuration: JSONValue?, _ statement: GraphStatement, unknownType: String? = nil
  ) throws -> ModelGraph {
    do {
      var builder = FamilyGraph(
        try member.family(), catalog, names: names, configuration, statement)
      builder.unknownType = unknownType
      return try builder.graph()
    } catch let error as Diagnostic {
      throw Diagnostic(
        error.code, "\(error.message) (its names are those of \(member.head.name))",
        at: error.location,
        remedy: error.remedy ?? Remedies.describeNetwork)
    }
  }

  /// The file's tensors under the family's names; nil where the file is not of the family. A file that has
  /// the family's body twice is not.
  private static func names(
    of family: FamilyHead, _ catalog: Catalog, _ dotted: [String]
  ) -> FamilyTensorNames? {
    for missing in [""] + family.optional {
      guard var first = family.firstTensors.first else { return nil }
      if !missing.isEmpty, first.hasPrefix(missing) {
        first = String(first.dropFirst(missing.count))
      }
      let prefixes = Set(FamilyTensorNames.prefixes(of: first, in: dotted))
      guard prefixes.count == 1, let prefix = prefixes.first else { continue }
      let names = FamilyTensorNames(catalog, prefix: prefix, missing: missing)
      let isOf =
        family.firstTensors.allSatisfy { names[$0] != nil }
        && !family.firstAbsent.contains { names.has($0) }
      if isOf { return names }
    }
    return nil
  }

  /// The configuration beside the weights; nil where there is none, or one of Keras.
  private static func configuration(of catalog: Catalog) -> JSONValue? {
    guard let document = catalog.documents["config.json"],
      let json = try? JSONValue(parsing: document), json.object != nil, json["class_name"] == nil
    else { return nil }
    return json
  }
}
