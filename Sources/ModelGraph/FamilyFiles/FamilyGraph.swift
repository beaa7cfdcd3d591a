import Catalogs
import Support

/// Builds the graph of one file of one family.
struct FamilyGraph {
  let family: FamilyFile
  let catalog: Catalog
  let names: FamilyTensorNames
  /// The type that the configuration gives, where no family has it.
  var unknownType: String?
  private var scope: FamilyScope
  private var reader: GraphFileReader
  /// For every layer of the graph, the repeated block that it is in.
  private var blocks: [Int?] = []
  /// For every layer of the graph, the line of the family that describes it.
  private var lines: [Int] = []

  init(
    _ family: FamilyFile, _ catalog: Catalog, names: FamilyTensorNames,
    _ configuration: JSONValue?, _ statement: GraphStatement
  ) {
    self.family = family
    self.catalog = catalog
    self.names = names
    scope = FamilyScope(tensors: names, configuration: configuration)
    scope.stated["heads"] = FamilyValue(statement.heads)
    let order = (try? family.channelOrder) ?? .last
    reader = GraphFileReader(
      builder: ModelGraph.Builder(source: "family \(family.head.name)", channelOrder: order),
      catalog: catalog)
    reader.find = { names[$0] }
    reader.nameInFile = { names.module($0) }
  }

  /// The graph.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the layer or tensor that does not fit.
  mutating func graph() throws -> ModelGraph {
    _ = try family.channelOrder
    try bindSizes()
    var template = FamilyTemplate(scope)
    try template.add(family.layers)
    for item in template.items {
      try reader.add(GraphFileLayer(item.node))
      let added = reader.builder.graph.layers.count - blocks.count
      blocks += Array(repeating: item.block, count: added)
      lines += Array(repeating: item.line, count: added)
    }
    try checkBlocks()
    try remark()
    var graph = try reader.builder.finish(outputs: try outputs(template.outputs))
    graph.certainty = unknownType == nil ? .recognised : .assumed
    try leaveAlone(&graph)
    return graph.withUnknownHeads()
  }

  private mutating func bindSizes() throws {
    for (name, expression) in try family.sizes {
      scope.variables[name] = try scope.value(expression)
    }
    for (name, key) in try family.agreements {
      let stated = try scope.value(key)
      guard let own = scope.variables[name], own != .nothing, stated != .nothing, own != stated
      else { continue }
      throw Diagnostic(
        .badData,
        "config.json gives \(stated.written) for \(key.replacing("config(", with: "").dropLast(key.hasPrefix("config(") ? 1 : 0)), "
          + "and by the tensors \(name) is \(own.written)",
        remedy: "the configuration is that of another model: give the right one or take it away")
    }
    for rule in try family.requirements {
      guard let condition = rule.condition, try scope.value(condition).holds else { continue }
      throw Diagnostic(.badData, try scope.filled(rule.says))
    }
  }

  /// The outputs: those that the family names, then whatever nothing reads.
  private func outputs(_ named: [String]) throws -> [Int] {
    let layers = reader.builder.graph.layers
    let read = Set(layers.flatMap(\.inputs))
    var result = try named.map { try reader.index(of: $0) }
    for index in layers.indices.reversed()
    where !read.contains(index) && layers[index].operation != .input && !result.contains(index) {
      result.append(index)
    }
    return result
  }

  /// Layers that repeat have the same kinds of tensors: one that lacks a bias which the others have is
  /// damaged.
  private func checkBlocks() throws {
    var roles: [Int: (roles: Set<Parameter.Role>, layer: String)] = [:]
    for (index, layer) in reader.builder.graph.layers.enumerated() {
      guard blocks[index] != nil, !layer.parameters.isEmpty else { continue }
      let kind = lines[index]
      let own = Set(layer.parameters.map(\.role))
      guard let known = roles[kind] else {
        roles[kind] = (own, layer.name)
        continue
      }
      guard known.roles != own else { continue }
      let (poor, rich) =
        known.roles.isSubset(of: own) ? (known.layer, layer.name) : (layer.name, known.layer)
      let missing = known.roles.symmetricDifference(own).map(\.rawValue).sorted()
      throw Diagnostic(
        .badData, "\(rich) has a \(missing.joined(separator: " and a ")), and \(poor) has none")
    }
  }

  private mutating func remark() throws {
    for remark in try family.assumptions {
      if let condition = remark.condition, try !scope.value(condition).holds { continue }
      reader.builder.assume(Assumption(.family, try scope.filled(remark.says), effect: .running))
    }
    for remark in try family.obstacles {
      if let condition = remark.condition, try !scope.value(condition).holds { continue }
      reader.builder.cannotRun(try scope.filled(remark.says))
    }
    if let unknownType {
      reader.builder.cannotRun(
        "config.json calls the model \(unknownType): its tensors are named as those of "
          + "\(family.head.name) are, and what else it computes is not known")
      reader.builder.assume(
        Assumption(
          .family,
          "the names are those of \(family.head.name), and config.json says \(unknownType): layers are taken to "
            + "follow one another as they do there", effect: .taken))
    }
  }

  /// Lists the tensors that no layer has. Of some the family says what they are; others may read or
  /// change what they stand beside, so that it stays in place.
  private func leaveAlone(_ graph: inout ModelGraph) throws {
    let used = Set(graph.parameters.map(\.tensor))
    let known = try family.leftAlone
    var leftovers: [String] = []
    for entry in catalog.tensors where !used.contains(entry.name) {
      let name = entry.name.replacing("/", with: ".")
      if let role = entry.role {
        graph.skipped.append(.init(name: entry.name, reason: role.reason))
      } else if let (_, reason) = known.first(where: { FamilyPattern($0.name).matches(name) }) {
        graph.skipped.append(.init(name: entry.name, reason: reason))
      } else {
        leftovers.append(entry.name)
        graph.skipped.append(
          .init(
            name: entry.name,
            reason: "networks of the family \(family.head.name) have no such tensor"))
      }
    }
    for object in catalog.unreadTensors where object.tensor?.mayBeWeight ?? false {
      leftovers.append(object.name)
    }
    guard !leftovers.isEmpty else { return }
    graph.holdAround(leftovers: leftovers, blocks: blocks, family: family.head.name)
  }
}
