import Catalogs
import Support

/// Builds a graph from the names and shapes of a file that holds weights and nothing else.
enum StateDictionaryImporter {
  /// The graph.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the module that does not fit.
  static func graph(
    of catalog: Catalog, statement: GraphStatement = .none
  ) throws -> ModelGraph {
    let dictionary = StateDictionary(catalog)
    let modules = dictionary.modules
    guard !modules.isEmpty else {
      throw Diagnostic(
        .badData, "no tensor of the file looks like the weight of a layer",
        remedy: Remedies.describeNetwork)
    }
    var graph: ModelGraph
    let hasAll = dictionary.unexplained == nil
    let named = StateDictionary.unwrapped(modules)
    if let family = hasAll
      ? try residual(named, catalog, statement) ?? plain(named, catalog, statement) : nil
    {
      graph = family
    } else {
      graph = try chain(of: dictionary, catalog).graph(
        source: source, activation: statedActivation(catalog), statement: statement)
    }
    graph.skipped += dictionary.skipped
    return graph
  }

  static let source = "state dict"

  /// The row that the modules of a dictionary form.
  static func chain(of dictionary: StateDictionary, _ catalog: Catalog) throws -> StateChain {
    if let tensor = dictionary.unexplained {
      throw Diagnostic(
        .badData,
        "what this tensor does is not understood, and the layers around it cannot be taken for a "
          + "row without it", at: [tensor],
        remedy: Remedies.describeNetwork)
    }
    try refuseBlocks(dictionary.modules)
    let keepsOrder = catalog.format == .pytorch
    var chain = try StateChain.find(dictionary.modules, keepsOrder: keepsOrder)
    chain.keepsOrder =
      chain.isOneSeries
      || chain.links.map(\.module.path) == dictionary.modules.map(\.path)
        && (keepsOrder || dictionary.isInOrderOfDefinition)
    let kernels = chain.links.map(\.module).filter { $0.tensors[.kernel] != nil }
    if !chain.keepsOrder, !chain.contradictsFile, let odd = RowNaming.misplaced(kernels) {
      throw Diagnostic(
        .badData,
        "by the shapes this layer stands at the end of the row that its name does not speak of",
        at: [odd], remedy: Remedies.describeNetwork)
    }
    return chain
  }

  private static func residual(
    _ modules: [StateModule], _ catalog: Catalog, _ statement: GraphStatement
  ) throws -> ModelGraph? {
    guard
      var plan = try ResidualPlan(
        recognising: modules, keepsOrder: catalog.format == .pytorch)
    else { return nil }
    var builder = FamilyBuilder(source: "state dict", tensors: StateTensors(modules))
    if statement.states(.zerosAfter) { builder.zeros = .after }
    let output = try builder.add(plan)
    try requireAll(modules, builder.used)
    let stem = plan.stem == .large ? "with a 7×7 stem and pooling" : "with a 3×3 stem"
    builder.graph.be(.recognised)
    builder.graph.assume(
      Assumption(
        .family,
        "the names are those of a residual network \(stem): its activations are "
          + "taken to be ReLU", effect: .running))
    if !statement.states(.zerosAfter), !statement.states(.zerosAround) {
      builder.holdStreamOfUnknownZeros()
    }
    if !statement.states(.row) { builder.holdDoubtfulHeads() }
    let graph = try builder.graph.finish(outputs: [output])
    // The weights alone do not show the size of the images, which a fingerprint counts.
    plan.inputShape = statedShape(catalog) ?? plan.inputShape
    let isDeclared =
      graph.isDeclared(by: catalog)
      || (catalog.text("producer") == "wsl"
        && catalog.text("fingerprint") == (try? ModelGraph.resNet(plan))?.fingerprint)
    return isDeclared ? graph.settled(as: .declared) : graph
  }

  /// The shape of an example, where the file states one.
  static func statedShape(_ catalog: Catalog) -> [Int]? {
    guard case .numbers(let numbers)? = catalog.attributes[""]?["input_shape"] else { return nil }
    let shape = numbers.compactMap { Int(exactly: $0) }.filter { (1...1 << 20).contains($0) }
    return shape.count == numbers.count ? shape : nil
  }

  private static func plain(
    _ modules: [StateModule], _ catalog: Catalog, _ statement: GraphStatement
  ) throws -> ModelGraph? {
    guard case (var plan, let names)? = PlainPlan.recognise(modules) else { return nil }
    if let shape = statedInput(catalog, plan) { plan.inputShape = shape }
    if let activation = statedActivation(catalog) ?? statement.activation {
      plan.activation = activation
    }
    var builder = FamilyBuilder(source: "state dict", tensors: StateTensors(modules))
    let output = try builder.add(plan, names)
    try requireAll(modules, builder.used)
    builder.graph.be(.recognised)
    builder.graph.assume(
      Assumption(
        .family,
        "the names are those of VGG: \(plan.activation.name), 2×2 max pooling, and inputs of "
          + "\(describe(plan.inputShape)), are taken for granted", effect: .running))
    return try builder.graph.finish(outputs: [output])
  }

  /// The activation of the hidden layers, where the file states one.
  static func statedActivation(_ catalog: Catalog) -> Activation? {
    catalog.text("activation").flatMap { try? KerasActivation.named($0, version: 3) }
  }

  /// The shape of an example, where the file states one that its tensors can have: shapes alone
  /// do not tell 7 × 7 from 6 × 6, which pool to the same.
  private static func statedInput(_ catalog: Catalog, _ plan: PlainPlan) -> [Int]? {
    guard let shape = statedShape(catalog) else { return nil }
    let pools = plan.steps.count { $0 == .pooling }
    guard shape.count == 3, shape[0] == plan.inputShape[0],
      (shape[1] >> pools) * (shape[2] >> pools)
        == (plan.inputShape[1] >> pools) * (plan.inputShape[2] >> pools)
    else { return nil }
    return shape
  }

  /// A family's network that leaves modules over is another network.
  private static func requireAll(_ modules: [StateModule], _ used: Set<String>) throws {
    guard let extra = modules.first(where: { !used.contains($0.path) }) else { return }
    throw Diagnostic(
      .badData, "the network looks like one of the usual families, which have no such module",
      at: [extra.path], remedy: Remedies.describeNetwork)
  }

  /// Modules in numbered blocks (`blocks.0.conv1`) usually have shortcuts, which shapes do not
  /// show; taking them for a plain row would permute what must not be. A block is whatever stands
  /// below one number, at any depth, and holds more than one kernel.
  private static func refuseBlocks(_ modules: [StateModule]) throws {
    var kernels: [String: Int] = [:]
    for module in modules where module.tensors[.kernel] != nil {
      let words = module.path.split(separator: ".")
      for place in words.indices.dropLast() where Int(words[place]) != nil {
        let block = words[...place].joined(separator: ".")
        kernels[block, default: 0] += 1
        if kernels[block, default: 0] > 1 {
          throw Diagnostic(
            .badData,
            "the layers stand in blocks, and a file of weights alone does not say what "
              + "shortcuts the blocks have", at: [block],
            remedy: Remedies.describeNetwork)
        }
      }
    }
  }
}
