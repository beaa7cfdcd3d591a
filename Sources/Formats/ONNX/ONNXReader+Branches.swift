import Archives
import Catalogs
import Support

/// The branches of an If, whose nodes become nodes of the graph around it.
extension ONNXReader {
  /// Where nodes stand: in the graph itself, or in a branch.
  struct Scope {
    /// What the names of values begin with that are made here.
    var prefix = ""
    /// Under which conditions the nodes are computed.
    var guards: [ONNXGraph.Guard] = []
    /// The graph's names for the values that are made here, after those of the branches around: a table
    /// each, so that entering a branch copies none.
    var names: [[String: String]] = []

    /// The graph's name for a value that is read here.
    func name(_ value: String) -> String {
      for table in names.reversed() { if let name = table[value] { return name } }
      return value
    }

    /// Notes a value that is made here.
    mutating func add(_ value: String) { names[names.count - 1][value] = prefix + value }
  }

  /// Adds a node, and before it those of its branches where it is an If.
  mutating func add(node message: FileCursor, in scope: Scope, depth: Int) throws {
    var own = ONNXGraph()
    try own.add(node: message, in: file)
    for (name, list) in own.constants { graph.constants[scope.prefix + name] = list }
    for (name, form) in own.constantForms { graph.constantForms[scope.prefix + name] = form }
    var node = own.nodes[0]
    let isIf = node.operation == "If" && ["", "ai.onnx"].contains(node.domain)
    let place = scope.prefix + (node.name.isEmpty ? node.outputs.first ?? "" : node.name)
    if !isIf {
      let captured = try read(
        node: message, node, within: scope.prefix, depth: depth, isNode: true)
      node.captured = captured.map { scope.name($0) }.sorted()
    }
    node.inputs = node.inputs.map { scope.name($0) }
    if isIf {
      let made = node.outputs.count
      for branch in ["then_branch", "else_branch"] {
        node.attributes[branch] = nil
        var inner = scope
        inner.prefix = "\(place)/\(branch)/"
        inner.names.append([:])
        inner.guards.append(
          ONNXGraph.Guard(value: node.inputs.first ?? "", isTrue: branch == "then_branch"))
        let outputs = try add(branch: branch, of: message, in: inner, depth: depth + 1)
        guard outputs.count == made else {
          throw ONNXFile.damaged(
            "the \(branch) of \(place) makes \(outputs.count) of the \(made) values of its If")
        }
        node.inputs += outputs
      }
    }
    node.outputs = node.outputs.map { $0.isEmpty ? "" : scope.prefix + $0 }
    if !node.name.isEmpty { node.name = scope.prefix + node.name }
    node.guards = scope.guards
    graph.nodes.append(node)
  }

  /// Adds the nodes and tensors of a branch.
  ///
  /// - Returns: the graph's names for what the branch makes.
  private mutating func add(
    branch: String, of node: FileCursor, in scope: Scope, depth: Int
  ) throws -> [String] {
    guard depth < Self.depthLimit else {
      throw ONNXFile.damaged("it has graphs within nodes of graphs, \(depth) deep")
    }
    guard let body = try Self.graph(branch, of: node) else { return [] }
    var scope = scope
    // Tensors stand behind the nodes that read them.
    var cursor = body
    while let field = try cursor.nextField() {
      let value: String
      switch field.number {
      case 5:
        value = try read(initializer: try field.message(), within: scope.prefix, isNode: true)
      case 15: value = try skip(sparse: try field.message(), within: scope.prefix)
      default: continue
      }
      scope.add(value)
    }
    var outputs: [String] = []
    cursor = body
    while let field = try cursor.nextField() {
      switch field.number {
      case 1:
        let message = try field.message()
        try add(node: message, in: scope, depth: depth)
        for output in try Self.outputs(of: message) where !output.isEmpty { scope.add(output) }
      case 12: outputs.append(try ONNXGraph.value(try field.message()).name)
      case 13:
        let value = try ONNXGraph.value(try field.message())
        graph.shapes[scope.name(value.name)] = value.shape
      default: break
      }
    }
    return outputs.map { scope.name($0) }
  }

  /// The graph that a node has as a setting.
  private static func graph(_ setting: String, of node: FileCursor) throws -> FileCursor? {
    var cursor = node
    while let field = try cursor.nextField() {
      guard field.number == 5 else { continue }
      var attribute = try field.message()
      var name = ""
      var graph: FileCursor?
      while let part = try attribute.nextField() {
        if part.number == 1 { name = try part.text() }
        if part.number == 6 { graph = try part.message() }
      }
      if name == setting, let graph { return graph }
    }
    return nil
  }

  /// The values that a node makes, as it names them.
  private static func outputs(of node: FileCursor) throws -> [String] {
    var cursor = node
    var names: [String] = []
    while let field = try cursor.nextField() {
      if field.number == 2 { names.append(try field.text()) }
    }
    return names
  }
}
