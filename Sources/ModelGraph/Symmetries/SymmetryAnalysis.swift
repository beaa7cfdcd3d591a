import Catalogs

/// Looks at what meets each set of units, and finds the largest symmetry that all of it allows.
struct SymmetryAnalysis {
  typealias Piece = UnitVariables.Piece

  let graph: ModelGraph
  let derivation: SymmetryDerivation
  /// Tensors whose elements are all equal: as gains they need no folding.
  let constants: Set<String>
  /// Tensors with zeros: as gains they cannot be folded and given back.
  let unfoldable: Set<String>
  /// The layers that read each layer's output.
  let consumers: [[Int]]
  /// The layers that have each tensor.
  let owners: [String: [Int]]
  /// Tensors that are stored together with others.
  let shared: Set<String>
  /// Layers whose outputs the network gives or the file leaves in doubt.
  let ends: Set<Int>
  /// The normalisations and scales that were found foldable, by layer.
  var folds: [Int: NormFold] = [:]
  var scaleFolds: [Int: ScaleFold] = [:]

  init(_ derivation: SymmetryDerivation, constants: Set<String>, unfoldable: Set<String>) {
    graph = derivation.graph
    self.derivation = derivation
    self.constants = constants
    self.unfoldable = unfoldable
    var consumers: [[Int]] = Array(repeating: [], count: graph.layers.count)
    var owners: [String: [Int]] = [:]
    for (index, layer) in graph.layers.enumerated() {
      for input in Set(layer.inputs) { consumers[input].append(index) }
      for parameter in layer.parameters where owners[parameter.tensor]?.last != index {
        owners[parameter.tensor, default: []].append(index)
      }
    }
    self.consumers = consumers
    self.owners = owners
    shared = Set(graph.sharedStorage.flatMap(\.names))
    ends = Set(graph.outputs + graph.heldLayers)
  }

  /// The units along the channels of a layer's output, as they stand in the end.
  func pieces(_ layer: Int) -> [Piece] {
    derivation.variables.resolve(derivation.channels[layer])
  }

  /// Whether a tensor belongs to one layer alone and is stored for itself.
  func isOwn(_ tensor: String) -> Bool {
    owners[tensor]?.count == 1 && !shared.contains(tensor)
  }

  /// The layers that read a layer's output, looking through those that change nothing channel by
  /// channel.
  func readers(of index: Int) -> [Int]? {
    var pending = [index]
    var found: [Int] = []
    while let next = pending.popLast() {
      if ends.contains(next) || consumers[next].isEmpty { return nil }
      for consumer in consumers[next] {
        switch graph.layers[consumer].operation {
        case .dropout, .steps, .globalPooling(.average, _): pending.append(consumer)
        default: found.append(consumer)
        }
      }
    }
    return found
  }
}

extension Layer {
  /// The plain matrix of a dense layer: its kernel with the axes of its inputs and outputs.
  var denseKernel: (tensor: String, input: Int, output: Int, shape: [Int])? {
    guard case .dense = operation, let kernel = parameter(.kernel), kernel.axes.count == 2,
      let input = kernel.axes.firstIndex(of: .input),
      let output = kernel.axes.firstIndex(of: .output)
    else { return nil }
    return (kernel.tensor, input, output, kernel.shape)
  }

  /// Its one-dimensional bias.
  var biasTensor: String? {
    guard let bias = parameter(.bias), bias.axes == [.output] else { return nil }
    return bias.tensor
  }
}
