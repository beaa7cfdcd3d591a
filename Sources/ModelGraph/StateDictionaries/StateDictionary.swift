import Catalogs
import Tensors

/// A state dictionary's tensors, put together to modules.
struct StateDictionary {
  /// The modules in the order of the file.
  private(set) var modules: [StateModule] = []
  /// The tensors that belong to none.
  private(set) var skipped: [ModelGraph.Skipped] = []
  /// A tensor of the network that no module explains. A row of modules without it may not be one.
  private(set) var unexplained: String?
  /// Whether the modules stand in another order than that of the alphabet, so that their order means
  /// something whatever the container.
  var isInOrderOfDefinition: Bool { modules.map(\.path) != modules.map(\.path).sorted() }

  init(_ catalog: Catalog) {
    var named: [(path: [String], leaf: String, entry: TensorEntry)] = []
    for entry in catalog.tensors {
      if let reason = entry.role?.reason {
        skipped.append(.init(name: entry.name, reason: reason))
        continue
      }
      guard entry.elementType.isFloatingPoint else {
        skipped.append(.init(name: entry.name, reason: "integers are no weights"))
        continue
      }
      var words = entry.name.split { $0 == "/" || $0 == "." }.map(String.init)
      guard let leaf = words.popLast(), !words.isEmpty else {
        leave(entry, "its name does not say which layer it is of")
        continue
      }
      named.append((words, leaf.split(separator: ":").first.map(String.init) ?? leaf, entry))
    }
    keepContainer(&named)
    let shared = Self.sharedWordCount(named.map(\.path))
    for index in named.indices { named[index].path.removeFirst(shared) }

    var order: [String] = []
    var members: [String: [(leaf: String, entry: TensorEntry)]] = [:]
    for item in named {
      let path = item.path.joined(separator: ".")
      if members[path] == nil { order.append(path) }
      members[path, default: []].append((item.leaf, item.entry))
    }
    for path in order {
      let own = members[path] ?? []
      if let layers = RecurrentModule.layers(of: own) {
        modules += layers.map { StateModule(path, $0) }
      } else {
        addModule(path, own)
      }
    }
    StateModule.readTables(&modules)
  }

  private mutating func leave(_ entry: TensorEntry, _ reason: String) {
    skipped.append(.init(name: entry.name, reason: reason))
    // One number is a temperature or a counter: it has no axis to permute.
    if unexplained == nil, entry.shape.contains(where: { $0 > 1 }) { unexplained = entry.name }
  }

  /// Of a checkpoint that holds more than the network, keeps the network.
  private mutating func keepContainer(
    _ named: inout [(path: [String], leaf: String, entry: TensorEntry)]
  ) {
    let firsts = Set(named.compactMap(\.path.first))
    guard firsts.count > 1, let container = firsts.intersection(Self.containers).min() else {
      return
    }
    for item in named where item.path.first != container {
      skipped.append(.init(name: item.entry.name, reason: "it is not in \(container)"))
    }
    named.removeAll { $0.path.first != container }
  }

  private mutating func addModule(
    _ path: String, _ members: [(leaf: String, entry: TensorEntry)]
  ) {
    var tensors: [Parameter.Role: TensorEntry] = [:]
    var isNamedAsKeras = false
    var saysOrientation = true
    for (leaf, entry) in members {
      guard let role = Self.role(of: leaf, entry.shape), tensors[role] == nil else {
        leave(entry, "its name says no role that is understood")
        continue
      }
      if leaf == "kernel" { isNamedAsKeras = true }
      if role == .kernel { saysOrientation = leaf == "kernel" || leaf == "weight" }
      tensors[role] = entry
    }
    // A vector called weight is a scale, and the bias beside it a shift.
    if let scale = tensors[.kernel], scale.shape.count == 1 {
      tensors[.gamma] = scale
      tensors[.kernel] = nil
    }
    if tensors[.kernel] == nil, let shift = tensors[.bias] {
      tensors[.beta] = shift
      tensors[.bias] = nil
    }
    guard let kind = Self.kind(of: tensors, path) else {
      for entry in tensors.values.sorted(by: { $0.name < $1.name }) {
        leave(entry, "its layer is not understood")
      }
      return
    }
    if kind == .embedding, let table = tensors[.kernel] {
      tensors[.embeddings] = table
      tensors[.kernel] = nil
    }
    let allowed: Set<Parameter.Role> =
      switch kind {
      case .dense, .convolution: [.kernel, .bias]
      case .recurrent: [.kernel]
      case .embedding: [.embeddings]
      case .batchNormalization: [.gamma, .beta, .movingMean, .movingVariance]
      case .layerNormalization: [.gamma, .beta]
      }
    for (role, entry) in tensors.sorted(by: { $0.value.name < $1.value.name })
    where !allowed.contains(role) {
      leave(entry, "such a layer has no tensor of this role")
      tensors[role] = nil
    }
    modules.append(
      StateModule(
        path: path, kind: kind, tensors: tensors, isNamedAsKeras: isNamedAsKeras,
        saysOrientation: saysOrientation))
  }

  private static func role(of leaf: String, _ shape: [Int]) -> Parameter.Role? {
    switch leaf {
    case "weight", "kernel", "W": .kernel
    case "bias", "b": .bias
    case "gamma", "scale": .gamma
    case "beta": .beta
    case "running_mean", "moving_mean", "mean": .movingMean
    case "running_var", "moving_variance", "var": .movingVariance
    case "embeddings", "embedding": .embeddings
    default: nil
    }
  }

  private static func kind(
    of tensors: [Parameter.Role: TensorEntry], _ path: String
  ) -> StateModule.Kind? {
    if tensors[.embeddings] != nil { return .embedding }
    if let kernel = tensors[.kernel] {
      switch kernel.shape.count {
      case 2:
        // A table has no bias: with one, it is a layer that somebody calls so.
        let isTable = path.lowercased().contains("embed") && tensors[.bias] == nil
        return isTable ? .embedding : .dense
      case 3, 4: return .convolution(rank: kernel.shape.count - 2)
      default: return nil
      }
    }
    let vectors = tensors.values
    guard vectors.allSatisfy({ $0.shape.count == 1 }),
      tensors[.gamma] != nil || tensors[.movingMean] != nil
    else { return nil }
    switch (tensors[.movingMean] != nil, tensors[.movingVariance] != nil) {
    case (true, true): return .batchNormalization
    // A scale alone is more often the slope of a PReLU.
    case (false, false): return tensors[.beta] != nil ? .layerNormalization : nil
    default: return nil
    }
  }
}
