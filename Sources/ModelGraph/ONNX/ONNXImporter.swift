import Catalogs
import Support

/// Builds a graph from the nodes of an ONNX model, whatever exporter wrote them. Weights keep the names
/// that they have in the file.
///
/// Values are views of layers (`ONNXView`): nodes that move elements make no layers, until a layer needs
/// them in an order. What is known without data is folded (`ONNXNumbers`). A node that is not understood
/// becomes a layer that is not, around which units stay.
///
/// Operations: https://github.com/onnx/onnx/blob/main/docs/Operators.md
struct ONNXImporter {
  /// The nodes.
  let source: ONNXGraph
  /// Which axis of the inputs is the batch.
  let batchAxis: Int
  /// The graph so far.
  var builder: ModelGraph.Builder
  /// What the names of values stand for that the data reach.
  var values: [String: ONNXValue] = [:]
  /// The tensors that are values.
  var weights: [String: ONNXWeight] = [:]
  /// Values that are several tensors one after another: the two biases of a recurrent layer.
  var rows: [String: [ONNXWeight]] = [:]
  /// Values known from the model alone.
  var numbers: [String: ONNXNumbers] = [:]
  /// Values of which every element is one number, whatever their shape.
  var uniform: [String: Double] = [:]
  /// Shapes of what nodes make of the model's tensors.
  var shapes: [String: [Int]] = [:]
  /// For each value that nodes make of the model's tensors alone, what they make it of.
  var made: [String: [String]] = [:]
  /// Values that something reads which is not understood.
  var strays: [String] = []
  /// Tensors that no layer may have as a weight, because something else reads them, too.
  var shared: Set<String> = []
  /// The nodes that read a value.
  let readers: [String: [Int]]
  /// Nodes that an earlier one took in.
  var fused: Set<Int> = []
  /// The number of examples in a batch.
  var batch = ONNXAmount(named: "batch")
  /// How many lengths were given a name that the model does not name.
  private var namedLengths = 0

  init(
    _ source: ONNXGraph, _ catalog: Catalog, _ order: ModelGraph.ChannelOrder, batchAxis: Int
  ) {
    self.source = source
    self.batchAxis = batchAxis
    var readers: [String: [Int]] = [:]
    for (index, node) in source.nodes.enumerated() {
      for input in node.inputs + node.captured where !input.isEmpty {
        readers[input, default: []].append(index)
      }
    }
    self.readers = readers
    builder = ModelGraph.Builder(source: "onnx graph", channelOrder: order)
    for entry in catalog.tensors { weights[entry.name] = ONNXWeight(entry) }
    for (name, list) in source.constants {
      let form = source.constantForms[name]
      let shape = form?.shape ?? weights[name]?.shape ?? (list.count == 1 ? [] : [list.count])
      numbers[name] = ONNXNumbers(
        shape: shape, list.map { ONNXAmount($0) }, isInteger: form?.isInteger)
    }
  }

  /// The nodes that the outputs need, in their order: exporters leave others in.
  func neededNodes() -> [Int] {
    var needed = Set(source.outputs.map(\.name))
    var nodes: [Int] = []
    for (index, node) in source.nodes.enumerated().reversed()
    where node.outputs.contains(where: needed.contains) {
      nodes.append(index)
      needed.formUnion(node.inputs + node.captured)
    }
    return nodes.reversed()
  }

  /// The tensors of which values are made that something reads which is not understood.
  ///
  /// - Complexity: O(nodes).
  var strayTensors: Set<String> {
    var seen = Set(strays)
    var left = strays
    while let value = left.popLast() {
      for source in made[value] ?? [] where seen.insert(source).inserted { left.append(source) }
    }
    return seen
  }

  /// A length that only the data decide, and that nothing else is known to equal.
  mutating func unknownLength() -> ONNXAmount {
    namedLengths += 1
    return ONNXAmount(named: "·\(namedLengths)")
  }

  /// The name of a node's layer: that of its weights' module, its own, or that of what it makes.
  func name(of node: ONNXGraph.Node) -> String {
    for input in node.inputs.dropFirst() {
      guard let tensor = weights[input]?.name, let dot = tensor.lastIndex(of: ".") else { continue }
      if ["weight", "bias"].contains(tensor[tensor.index(after: dot)...]) {
        return String(tensor[..<dot])
      }
    }
    if !node.name.isEmpty { return node.name }
    return node.outputs.first ?? node.operation
  }
}
