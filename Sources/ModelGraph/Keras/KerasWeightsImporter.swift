import Catalogs
import Support
import Tensors

/// Builds a graph from a Keras file that holds weights and no configuration, where the layers'
/// names and shapes leave no doubt.
enum KerasWeightsImporter {
  /// The graph; nil where the file is none of Keras's.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the layer that is in doubt.
  static func graph(of catalog: Catalog, statement: GraphStatement) throws -> ModelGraph? {
    guard let chain = try chain(of: catalog) else { return nil }
    var graph = try chain.graph(source: source, statement: statement)
    let used = Set(graph.parameters.map(\.tensor))
    // A row that leaves kernels over is a part of another network.
    if let extra = catalog.tensors.first(where: {
      !used.contains($0.name) && $0.shape.count > 1 && $0.elementType.isFloatingPoint
        && $0.role == nil
    }) {
      throw doubt("this tensor is in none of the layers that form a row", extra.name)
    }
    graph.skipped += catalog.tensors.filter { !used.contains($0.name) }.map {
      .init(
        name: $0.name, reason: $0.role?.reason ?? "no layer of the chain uses it")
    }
    return graph
  }

  static let source = "keras weights"

  /// The row that the layers of a file form; nil where the file is none of Keras's.
  static func chain(of catalog: Catalog) throws -> StateChain? {
    let tensors = KerasTensors(catalog)
    if tensors.isNumbered {
      var chain = try interleaved(try numberedModules(catalog, tensors))
      chain?.ownModelName = ownModelName(catalog)
      chain?.reshaping = reshapingLayer(catalog)
      return chain
    }
    guard let names = tensors.layerNames else { return nil }
    let modules = try names.compactMap { try namedModule($0, tensors) }
    guard var chain = StateChain(modules, .inputFirst) else {
      throw doubt("the layers, in the order of the file, do not form a chain", names.first ?? "")
    }
    chain.keepsOrder = true
    chain.ownModelName = ownScope(names, tensors)
    return chain
  }

  /// A layer by its tensors' names; nil for one without tensors.
  private static func namedModule(
    _ name: String, _ tensors: KerasTensors
  ) throws -> StateModule? {
    let found = tensors.candidates(at: KerasPath(names: [name], storage: [name]))
    if found.isEmpty {
      // A layer without tensors may join others, or put their units in another order.
      guard KerasLayerNames.keepsUnits(name) else {
        throw doubt("it does not say what this layer without tensors does to the others", name)
      }
      return nil
    }
    if let word = KerasLayerNames.joiningWord(name) {
      throw doubt("it does not say what the layers that \(word) speaks of join", name)
    }
    var roles: [Parameter.Role: TensorEntry] = [:]
    for candidate in found {
      let role: Parameter.Role
      switch candidate.variable {
      case "kernel": role = .kernel
      case "bias": role = .bias
      case "gamma": role = .gamma
      case "beta": role = .beta
      case "moving_mean": role = .movingMean
      case "moving_variance": role = .movingVariance
      default: throw doubt("its tensor \(candidate.entry.name) is not understood", name)
      }
      guard roles.updateValue(candidate.entry, forKey: role) == nil else {
        throw doubt("it holds several layers", name)
      }
    }
    return try module(name, roles)
  }

  /// The layers of the format that numbers tensors, class by class: `layers/conv2d_1/vars/0`.
  private static func numberedModules(
    _ catalog: Catalog, _ tensors: KerasTensors
  ) throws -> [StateModule] {
    var names: [String] = []
    var seen: Set<String> = []
    for path in catalog.groups + catalog.tensors.map(\.name) {
      let words = path.split(separator: "/")
      guard let place = words.firstIndex(of: "layers"), words.indices.contains(place + 1),
        place <= 1
      else { continue }
      let name = String(words[place + 1])
      if seen.insert(name).inserted { names.append(name) }
    }
    var modules: [StateModule] = []
    for name in names {
      if let word = KerasLayerNames.joiningWord(name) {
        throw doubt("it does not say what the layers that \(word) speaks of join", name)
      }
      let path = KerasPath(names: [name], storage: [name])
      let found = tensors.candidates(at: path, byStorage: true).map(\.entry)
      guard found.count == tensors.everything(at: path, byStorage: true).count else {
        throw doubt("it holds more than one layer's own tensors", name)
      }
      if found.isEmpty {
        guard KerasLayerNames.keepsUnits(name) || KerasLayerNames.reshapes(name) else {
          throw doubt("it does not say what this layer without tensors does to the others", name)
        }
        continue
      }
      let order: [Parameter.Role]
      switch (name.prefix { !$0.isNumber }.hasPrefix("batch_norm"), found[0].shape.count) {
      case (true, _) where found.count == 4:
        order = [.gamma, .beta, .movingMean, .movingVariance]
      case (false, 1) where found.count == 2 && KerasLayerNames.isNormalization(name):
        order = [.gamma, .beta]
      case (false, 2...4) where found.count <= 2 && KerasLayerNames.className(name) != nil:
        order = [.kernel, .bias]
      default: throw doubt("what its \(found.count) tensors are is not certain", name)
      }
      var module = try module(
        name, Dictionary(zip(order, found), uniquingKeysWith: { a, _ in a }))
      module.ownName = ownName(of: found[0], name, catalog)
      modules.append(module)
    }
    return modules
  }

  private static func module(
    _ name: String, _ tensors: [Parameter.Role: TensorEntry]
  ) throws -> StateModule {
    let kind: StateModule.Kind
    switch (tensors[.kernel]?.shape.count, tensors[.movingMean] != nil) {
    case (2, _): kind = .dense
    case (3, _), (4, _): kind = .convolution(rank: (tensors[.kernel]?.shape.count ?? 0) - 2)
    case (nil, true): kind = .batchNormalization
    case (nil, false) where tensors[.gamma] != nil: kind = .layerNormalization
    default: throw doubt("what kind of layer it is is not certain", name)
    }
    if name.hasPrefix("depthwise") || name.hasPrefix("separable") || name.contains("transpose")
      || name.hasPrefix("embedding")
    {
      throw doubt("layers of this kind need a configuration", name)
    }
    return StateModule(
      path: name, kind: kind, tensors: tensors, isNamedAsKeras: true,
      className: KerasLayerNames.className(name))
  }

  /// Convolutions, then dense layers, each in their own order, with the normalisations between them
  /// where only one way of placing them fits. The format forgets how classes alternate.
  private static func interleaved(_ modules: [StateModule]) throws -> StateChain? {
    func sorted(_ belongs: (StateModule) -> Bool) -> [StateModule] {
      modules.filter(belongs).sorted { NaturalOrder.precedes($0.path, $1.path) }
    }
    let convolutions = sorted { if case .convolution = $0.kind { true } else { false } }
    let kernels = convolutions + sorted { $0.kind == .dense }
    let norms = sorted { $0.tensors[.kernel] == nil }
    let outputs = kernels.map { $0.shape.last ?? 0 }
    let sizes = norms.map { $0.shape.first ?? 0 }
    // ways[i][j]: in how many ways the norms from j on can follow kernels from i on, up to two.
    var ways = Array(
      repeating: Array(repeating: 0, count: norms.count + 1), count: kernels.count + 1)
    ways[kernels.count][norms.count] = 1
    for i in kernels.indices.reversed() {
      for j in 0...norms.count {
        let here = j < norms.count && sizes[j] == outputs[i] ? ways[i + 1][j + 1] : 0
        ways[i][j] = min(2, ways[i + 1][j] + here)
      }
    }
    guard ways[0][0] == 1 else {
      throw doubt(
        "the file does not say which layer it follows", norms.first?.path ?? "layers")
    }
    var order: [StateModule] = []
    var j = 0
    for i in kernels.indices {
      order.append(kernels[i])
      if j < norms.count, sizes[j] == outputs[i], ways[i + 1][j + 1] == 1 {
        order.append(norms[j])
        j += 1
      }
    }
    guard let chain = StateChain(order, .inputFirst) else {
      throw doubt("the layers do not form a chain", order.first?.path ?? "layers")
    }
    return chain
  }

  private static func doubt(_ reason: String, _ layer: String) -> Diagnostic {
    Diagnostic(
      .badData, "the file holds weights and no configuration, and \(reason)", at: [layer],
      remedy:
        "save the whole model, or describe the network in a file and give it with \(setting: .graph)"
    )
  }
}
