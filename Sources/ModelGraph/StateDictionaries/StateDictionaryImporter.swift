import WeightFiles
import WorkbenchCore

/// Builds a graph from the names and shapes of a file that holds weights and nothing else.
enum StateDictionaryImporter {
  /// The graph.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the module that does not fit.
  static func graph(of catalog: Catalog) throws -> ModelGraph {
    let dictionary = StateDictionary(catalog)
    let modules = dictionary.modules
    guard !modules.isEmpty else {
      throw Diagnostic(
        .badData, "no tensor of the file looks like the weight of a layer",
        remedy: "describe the network in a file and give it with --graph")
    }
    var graph: ModelGraph
    let hasAll = dictionary.unexplained == nil
    if let family = hasAll ? try residual(modules) ?? plain(modules, catalog) : nil {
      graph = family
    } else {
      if let tensor = dictionary.unexplained {
        throw Diagnostic(
          .badData,
          "what this tensor does is not understood, and the layers around it cannot be taken for a "
            + "row without it", at: [tensor],
          remedy: "describe the network in a file and give it with --graph")
      }
      try refuseBlocks(modules)
      graph = try StateChain.find(modules).graph(
        source: "state dict",
        activation: statedActivation(catalog))
    }
    graph.skipped += dictionary.skipped
    return graph
  }

  private static func residual(_ modules: [StateModule]) throws -> ModelGraph? {
    guard let plan = try ResidualPlan(recognising: modules) else { return nil }
    var builder = FamilyBuilder(source: "state dict", tensors: StateTensors(modules))
    let output = try builder.add(plan)
    try requireAll(modules, builder.used)
    let stem = plan.stem == .large ? "with a 7×7 stem and pooling" : "with a 3×3 stem"
    builder.graph.assume(
      "the names are those of a residual network \(stem): its activations are "
        + "taken to be ReLU")
    return try builder.graph.finish(outputs: [output])
  }

  private static func plain(
    _ modules: [StateModule], _ catalog: Catalog
  ) throws -> ModelGraph? {
    guard case (var plan, let names)? = PlainPlan.recognise(modules) else { return nil }
    if let shape = statedInput(catalog, plan) { plan.inputShape = shape }
    if let activation = statedActivation(catalog) { plan.activation = activation }
    var builder = FamilyBuilder(source: "state dict", tensors: StateTensors(modules))
    let output = try builder.add(plan, names)
    try requireAll(modules, builder.used)
    builder.graph.assume(
      "the names are those of VGG: \(plan.activation.name), 2×2 max pooling, and inputs of "
        + "\(describe(plan.inputShape)), are taken for granted")
    return try builder.graph.finish(outputs: [output])
  }

  /// The activation of the hidden layers, where the file states one.
  private static func statedActivation(_ catalog: Catalog) -> Activation? {
    catalog.text("activation").flatMap { try? KerasActivation.named($0, version: 3) }
  }

  /// The shape of an example, where the file states one that its tensors can have: shapes alone
  /// do not tell 7 × 7 from 6 × 6, which pool to the same.
  private static func statedInput(_ catalog: Catalog, _ plan: PlainPlan) -> [Int]? {
    guard case .numbers(let numbers)? = catalog.attributes[""]?["input_shape"] else { return nil }
    let shape = numbers.compactMap { Int(exactly: $0) }.filter { (1...1 << 20).contains($0) }
    let pools = plan.steps.count { $0 == .pooling }
    guard shape.count == 3, numbers.count == 3, shape[0] == plan.inputShape[0],
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
      at: [extra.path], remedy: "describe the network in a file and give it with --graph")
  }

  /// Modules in numbered blocks (`blocks.0.conv1`) usually have shortcuts, which shapes do not
  /// show; taking them for a plain row would permute what must not be.
  private static func refuseBlocks(_ modules: [StateModule]) throws {
    var kernels: [String: Int] = [:]
    for module in modules where module.tensors[.kernel] != nil {
      let words = module.path.split(separator: ".")
      guard let number = words.dropLast().lastIndex(where: { Int($0) != nil }) else { continue }
      let block = words[...number].joined(separator: ".")
      kernels[block, default: 0] += 1
      if kernels[block, default: 0] > 1 {
        throw Diagnostic(
          .badData,
          "the layers stand in blocks, and a file of weights alone does not say what "
            + "shortcuts the blocks have", at: [block],
          remedy: "describe the network in a file and give it with --graph")
      }
    }
  }
}
