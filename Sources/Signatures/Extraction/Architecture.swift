import Catalogs
public import ModelGraph
import Support
import Tensors
public import WeightFiles

/// The layers of a model in the order from its input, and what their tensors are: from its graph, or,
/// where there is none, from the names of its tensors.
public struct Architecture: Sendable {
  /// What a tensor is.
  enum Role: Sendable, Hashable {
    case kernel
    case weight
    case normalization
    case statistics
  }

  /// A tensor of a layer.
  struct Tensor: Sendable, Hashable {
    var name: String
    var role: Role
    /// Its place among all tensors that the graph uses.
    var place: Int?
  }

  /// A layer that has tensors.
  struct Layer: Sendable {
    var name: String
    var tensors: [Tensor]
    var hasKernel: Bool { tensors.contains { $0.role == .kernel } }
  }

  /// The layers that have tensors of floating-point numbers.
  let layers: [Layer]
  /// What tells architectures apart.
  public let fingerprint: String
  /// The graph, where there is one.
  let graph: ModelGraph?

  /// How many layers have kernels.
  public var kernelCount: Int { layers.count(where: \.hasKernel) }

  /// The share of a file's floating-point elements that a graph has to account for to be believed.
  private static let coverage = 0.5

  /// Finds the layers of a file.
  ///
  /// - Parameter statement: what the user states about the network.
  /// - Throws: `Diagnostic` of code `badData` where there are no weights; `noInput` and `badData` for
  ///   the description.
  public init(_ file: WeightFile, statement: GraphStatement = .none) throws {
    let catalog = file.catalog
    let floats = catalog.tensors.filter { $0.elementType.isFloatingPoint }
    guard !floats.isEmpty else {
      throw Diagnostic(.badData, "it has no weights", at: [catalog.file])
    }
    if let graph = try Architecture.graph(catalog, statement, floats) {
      self.graph = graph
      fingerprint = graph.fingerprint
      layers = Architecture.layers(of: graph, floats: Set(floats.map(\.name)))
    } else {
      graph = nil
      layers = Architecture.layers(named: floats)
      let text = floats.map { "\($0.name) \($0.shape)" }.sorted().joined(separator: "\n")
      fingerprint = String(Digest.of(Array(text.utf8)).prefix(16))
    }
  }

  private static func graph(
    _ catalog: Catalog, _ statement: GraphStatement, _ floats: [TensorEntry]
  ) throws -> ModelGraph? {
    if statement.file != nil { return try ModelGraph(catalog, statement: statement) }
    guard let graph = try? ModelGraph(catalog, statement: statement) else { return nil }
    if graph.source.hasPrefix("keras") { return graph }
    // A graph made of names may have understood only a part of the model.
    let all = floats.reduce(0) { $0 + $1.elementCount }
    let known = Set(graph.parameters.map(\.tensor))
    let used = floats.reduce(0) { $0 + (known.contains($1.name) ? $1.elementCount : 0) }
    return Double(used) >= coverage * Double(all) ? graph : nil
  }

  private static func layers(of graph: ModelGraph, floats: Set<String>) -> [Layer] {
    var seen: Set<String> = []
    var place = 0
    return graph.layers.compactMap { layer in
      var tensors: [Tensor] = []
      for parameter in layer.parameters where seen.insert(parameter.tensor).inserted {
        if floats.contains(parameter.tensor) {
          let role: Role =
            switch parameter.role {
            case .kernel, .embeddings, .recurrentKernel: .kernel
            case .bias, .recurrentBias, .positionBias, .slope, .stateDecay, .skipGain: .weight
            case .gamma, .beta: .normalization
            case .movingMean, .movingVariance: .statistics
            }
          tensors.append(Tensor(name: parameter.tensor, role: role, place: place))
        }
        place += 1
      }
      return tensors.isEmpty ? nil : Layer(name: layer.name, tensors: tensors)
    }
  }

  /// Tensors that share all of their names but the last part are a layer.
  private static func layers(named tensors: [TensorEntry]) -> [Layer] {
    var order: [String] = []
    var members: [String: [TensorEntry]] = [:]
    for tensor in tensors {
      let end = tensor.name.lastIndex { $0 == "." || $0 == "/" }
      let layer = end.map { String(tensor.name[..<$0]) } ?? tensor.name
      if members[layer] == nil { order.append(layer) }
      members[layer, default: []].append(tensor)
    }
    return order.map { name in
      let own = members[name] ?? []
      let isNormalization =
        !own.contains { $0.shape.count > 1 }
        && own.contains { isStatistic($0.name) || $0.name.hasSuffix("gamma") }
      return Layer(
        name: name,
        tensors: own.map { tensor in
          let role: Role =
            isStatistic(tensor.name)
            ? .statistics
            : isNormalization ? .normalization : tensor.shape.count > 1 ? .kernel : .weight
          return Tensor(name: tensor.name, role: role, place: nil)
        })
    }
  }

  private static func isStatistic(_ name: String) -> Bool {
    ["running_mean", "running_var", "moving_mean", "moving_variance"].contains {
      name.hasSuffix($0)
    }
  }
}
