import Catalogs
import Support

/// Builds a graph from the nodes of an ONNX model: what PyTorch's, Keras's and other exporters write
/// for networks of dense, convolutional and normalising layers. Weights keep the names that they have
/// in the file.
///
/// Operations: https://github.com/onnx/onnx/blob/main/docs/Operators.md
struct ONNXImporter {
  /// The nodes.
  let source: ONNXGraph
  /// The graph so far.
  var builder: ModelGraph.Builder
  /// The layer that makes a value.
  var layers: [String: Int] = [:]
  /// The tensors that are values.
  var weights: [String: ONNXWeight] = [:]
  /// Values known from the model alone: lengths and axes. A length that only the data decide is nil.
  var lengths: [String: [Int?]] = [:]
  /// For each value that nodes make of the model's tensors alone, what they make it of.
  var made: [String: [String]] = [:]
  /// Values that something reads which is not understood.
  var strays: [String] = []
  /// Tensors that no layer may have as a weight, because something else reads them, too.
  private(set) var shared: Set<String> = []
  /// The nodes that read a value.
  let readers: [String: [Int]]
  /// Nodes that an earlier one took in.
  var fused: Set<Int> = []

  /// The graph.
  ///
  /// A tensor that is a layer's weight, and that something reads which is not understood, stays as it
  /// is: the layer counts as not understood, either.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the node.
  static func graph(of source: ONNXGraph, _ catalog: Catalog) throws -> ModelGraph {
    var shared: Set<String> = []
    // Each round more layers are given up; after a few, all that could be.
    var round = 0
    while true {
      let (graph, strays) = try graph(of: source, catalog, shared: shared)
      let found = strays.intersection(graph.parameters.map(\.tensor))
      if found.isEmpty { return graph }
      shared.formUnion(round < 8 ? found : Set(catalog.tensors.map(\.name)))
      round += 1
    }
  }

  private static func graph(
    of source: ONNXGraph, _ catalog: Catalog, shared: Set<String>
  ) throws -> (graph: ModelGraph, strays: Set<String>) {
    var importer = ONNXImporter(source, catalog)
    importer.shared = shared
    for input in source.inputs { try importer.add(input: input) }
    for index in importer.neededNodes() where !importer.fused.contains(index) {
      let node = source.nodes[index]
      do { try importer.add(node) } catch let error as Diagnostic {
        throw error.location.isEmpty ? error.inside(importer.name(of: node)) : error
      }
    }
    let outputs = try source.outputs.map { output in
      guard let layer = importer.layers[output.name] else {
        throw Diagnostic(.badData, "no layer makes the output", at: [output.name])
      }
      return layer
    }
    var graph = try importer.builder.finish(outputs: outputs)
    let used = Set(graph.parameters.map(\.tensor))
    graph.skipped += catalog.tensors.filter { !used.contains($0.name) }.map {
      .init(name: $0.name, reason: $0.role?.reason ?? "no layer has it as a weight")
    }
    importer.strays += source.outputs.map(\.name)
    return (graph, importer.strayTensors)
  }

  /// The tensors of which values are made that something reads which is not understood.
  ///
  /// - Complexity: O(nodes).
  private var strayTensors: Set<String> {
    var seen = Set(strays)
    var left = strays
    while let value = left.popLast() {
      for source in made[value] ?? [] where seen.insert(source).inserted { left.append(source) }
    }
    return seen
  }

  private init(_ source: ONNXGraph, _ catalog: Catalog) {
    self.source = source
    var readers: [String: [Int]] = [:]
    for (index, node) in source.nodes.enumerated() {
      for input in node.inputs + node.captured where !input.isEmpty {
        readers[input, default: []].append(index)
      }
    }
    self.readers = readers
    // Dense layers over a sequence want the features last; what has positions, the channels first.
    let isSpatial = source.inputs.contains { ($0.shape?.count ?? 0) > 3 }
    let hasWindows = source.nodes.contains {
      $0.operation == "Conv" || $0.operation.hasSuffix("Pool")
    }
    builder = ModelGraph.Builder(
      source: "onnx graph", channelOrder: isSpatial || hasWindows ? .first : .last)
    for entry in catalog.tensors {
      weights[entry.name] = ONNXWeight(entry)
    }
    for (name, values) in source.constants {
      let integers = values.map { Int(exactly: $0) }
      if integers.allSatisfy({ $0 != nil }) { lengths[name] = integers }
    }
  }

  /// The nodes that the outputs need, in their order: exporters leave others in.
  private func neededNodes() -> [Int] {
    var needed = Set(source.outputs.map(\.name))
    var nodes: [Int] = []
    for (index, node) in source.nodes.enumerated().reversed()
    where node.outputs.contains(where: needed.contains) {
      nodes.append(index)
      needed.formUnion(node.inputs + node.captured)
    }
    return nodes.reversed()
  }

  /// Adds a place where data come in. Where the first thing that happens to images is that their
  /// channels move to the front, they are taken to come in that way.
  private mutating func add(input: ONNXGraph.Value) throws {
    guard let shape = input.shape, !shape.isEmpty else {
      throw Diagnostic(
        .badData, "the model does not state the shape of its input", at: [input.name],
        remedy: "describe the network in a file and give it with --graph")
    }
    let next = (readers[input.name] ?? []).map { source.nodes[$0] }
    let order = [0, shape.count - 1] + Array(1..<max(1, shape.count - 1))
    guard shape.count > 2, !next.isEmpty,
      next.allSatisfy({ $0.operation == "Transpose" && $0.integers("perm") == order })
    else {
      layers[input.name] = try builder.input(input.name, shape: Array(shape.dropFirst()))
      return
    }
    let layer = try builder.input(
      input.name, shape: [shape[shape.count - 1]] + shape[1..<(shape.count - 1)])
    for node in next { for output in node.outputs { layers[output] = layer } }
    builder.assume(
      Assumption(
        .family, "examples are given with the channels first, to which the model moves them",
        effect: .running))
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
