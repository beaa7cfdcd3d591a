import Catalogs

/// Operations that exporters write as several nodes, put together again: normalisations, and activations
/// that older operator sets do not have. The nodes that stand for them are those of newer sets, or of the
/// same form.
///
/// Only values that nothing else reads are taken in, so that the graph computes the same.
struct ONNXPatterns {
  private(set) var graph: ONNXGraph
  private(set) var makers: [String: Int] = [:]
  private(set) var readers: [String: [Int]] = [:]
  private(set) var removed: Set<Int> = []
  private let inputs: Set<String>

  /// The graph with what was recognised put together.
  ///
  /// - Complexity: O(nodes).
  static func simplified(_ graph: ONNXGraph) -> ONNXGraph {
    var patterns = ONNXPatterns(graph)
    for index in graph.nodes.indices { patterns.join(at: index) }
    var result = patterns.graph
    result.nodes = patterns.graph.nodes.indices.filter { !patterns.removed.contains($0) }.map {
      patterns.graph.nodes[$0]
    }
    return result
  }

  private init(_ graph: ONNXGraph) {
    self.graph = graph
    inputs = Set(graph.inputs.map(\.name))
    for (index, node) in graph.nodes.enumerated() {
      for output in node.outputs { makers[output] = index }
      for input in node.inputs + node.captured { readers[input, default: []].append(index) }
    }
    // What the graph returns has one reader more.
    for output in graph.outputs { readers[output.name, default: []].append(-1) }
  }

  private mutating func join(at index: Int) {
    guard !removed.contains(index), graph.nodes[index].domain.isEmpty else { return }
    switch graph.nodes[index].operation {
    case "Erf": joinGelu(index, isTanh: false)
    case "Tanh": if !joinMish(index) { joinGelu(index, isTanh: true) }
    case "Sigmoid": joinSwish(index)
    case "HardSigmoid": joinHardSwish(index)
    case "Clip": joinHardSigmoid(index)
    case "ReduceMean": joinNormalization(index)
    case "InstanceNormalization": joinGroups(index)
    default: break
    }
  }

  // MARK: What a node reads and who reads it

  /// The node of a place, with empty names for inputs and outputs that a damaged one lacks.
  func node(_ index: Int) -> ONNXGraph.Node {
    var node = graph.nodes[index]
    while node.inputs.count < 2 { node.inputs.append("") }
    if node.outputs.isEmpty { node.outputs = [""] }
    return node
  }

  /// The one node that reads a node's output; nil where there are others.
  func reader(of index: Int, _ operation: String) -> Int? {
    guard let output = graph.nodes[index].outputs.first, !output.isEmpty,
      let list = readers[output], list.count == 1, list[0] >= 0,
      graph.nodes[list[0]].operation == operation,
      graph.nodes[list[0]].domain.isEmpty, graph.nodes[index].outputs.count == 1
    else { return nil }
    return list[0]
  }

  /// All nodes that read a value; nil where the graph returns it.
  func allReaders(of value: String) -> [Int]? {
    let list = readers[value] ?? []
    return list.contains(-1) ? nil : list
  }

  /// The node that makes a value.
  func maker(_ value: String, _ operation: String) -> Int? {
    guard let index = makers[value], graph.nodes[index].operation == operation,
      !removed.contains(index), graph.nodes[index].domain.isEmpty
    else { return nil }
    return index
  }

  /// The other of a node's two inputs.
  func other(_ index: Int, than value: String) -> String? {
    let inputs = graph.nodes[index].inputs
    guard inputs.count == 2, inputs.contains(value) else { return nil }
    return inputs[0] == value ? inputs[1] : inputs[0]
  }

  /// The one number that a value is.
  func number(_ value: String?) -> Double? {
    guard let value, let list = graph.constants[value], list.count == 1 else { return nil }
    return list[0]
  }

  /// Whether a value is about a number.
  func isNumber(_ value: String?, _ wanted: Double) -> Bool {
    number(value).map { abs($0 - wanted) <= 2e-4 * abs(wanted) } ?? false
  }

  /// Whether a value is a tensor of the model.
  func isTensor(_ value: String) -> Bool {
    guard !value.isEmpty, !inputs.contains(value) else { return false }
    guard let maker = makers[value] else { return true }
    return ["Constant", "Identity"].contains(graph.nodes[maker].operation)
      && graph.nodes[maker].inputs.allSatisfy { isTensor($0) }
  }

  /// The input that a node multiplies or divides by a number, and the factor.
  func scaled(_ value: String) -> (input: String, factor: Double)? {
    if let index = maker(value, "Mul") {
      let inputs = node(index).inputs
      if let factor = number(inputs[1]) { return (inputs[0], factor) }
      if let factor = number(inputs[0]) { return (inputs[1], factor) }
    }
    if let index = maker(value, "Div"), let divisor = number(node(index).inputs[1]) {
      return (node(index).inputs[0], 1 / divisor)
    }
    return nil
  }

  /// Puts one node in the place of several.
  mutating func replace(
    _ nodes: [Int], by operation: String, _ inputs: [String], last: Int,
    _ attributes: [String: ONNXGraph.Attribute] = [:]
  ) {
    var joined = ONNXGraph.Node()
    joined.name = graph.nodes[last].name
    joined.operation = operation
    joined.inputs = inputs
    joined.outputs = graph.nodes[last].outputs
    joined.attributes = attributes
    joined.guards = graph.nodes[last].guards
    graph.nodes[last] = joined
    for index in nodes where index != last { removed.insert(index) }
    for input in Set(inputs) {
      readers[input] =
        (readers[input] ?? []).filter { !removed.contains($0) && $0 != last } + [last]
    }
  }
}
