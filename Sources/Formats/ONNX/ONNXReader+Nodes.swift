import Archives
import Catalogs
import Support
import Tensors

/// What nodes hold: constants, and graphs with nodes and tensors of their own.
extension ONNXReader {
  /// How deep graphs may lie in nodes of graphs.
  static let depthLimit = 16

  /// What a node holds: a constant, or graphs with tensors of their own.
  ///
  /// - Returns: the values of the graphs around the node that graphs within it read.
  /// - Parameters:
  ///   - node: the node, its values named as the message names them.
  ///   - prefix: what the names of its tensors begin with.
  ///   - isNode: whether it is among the nodes of the graph, where its values have the prefix, too.
  mutating func read(
    node message: FileCursor, _ node: ONNXGraph.Node, within prefix: String, depth: Int,
    isNode: Bool
  ) throws -> Set<String> {
    var captured: Set<String> = []
    let isConstant = node.operation == "Constant" && ["", "ai.onnx"].contains(node.domain)
    let output = node.outputs.first ?? ""
    var cursor = message
    while let field = try cursor.nextField() {
      guard field.number == 5 else { continue }
      var attribute = try field.message()
      var name = ""
      var constant: ONNXConstant.Content?
      while let part = try attribute.nextField() {
        switch part.number {
        case 1: name = try part.text()
        case 5: constant = .tensor(try ONNXTensor(try part.message()))
        case 10: constant = constant ?? .unread("lists of tensors are not read")
        case 6, 11:
          let place = node.name.isEmpty ? output : node.name
          captured.formUnion(
            try read(
              inner: try part.message(), within: "\(prefix)\(place)/\(name)/", depth: depth + 1))
        case 22, 23: constant = .unread("sparse tensors are not read", dtype: "sparse")
        default: break
        }
      }
      if constant == nil, isConstant { constant = ONNXConstant.Content(node, attribute: name) }
      if let constant {
        let value = isNode ? prefix + output : output
        constants.append(
          ONNXConstant(value: isConstant ? value : "", name: prefix + output, content: constant))
      }
    }
    return captured
  }

  /// A function of the model's own. Its constants are named: a tensor there has no one place, as the
  /// function may be called several times.
  mutating func read(function message: FileCursor) throws {
    var cursor = message
    var name = ""
    var nodes: [FileCursor] = []
    while let field = try cursor.nextField() {
      if field.number == 1 { name = try field.text() }
      if field.number == 7 { nodes.append(try field.message()) }
    }
    var inner = ONNXReader(file)
    for message in nodes {
      var own = ONNXGraph()
      try own.add(node: message, in: file)
      _ = try inner.read(node: message, own.nodes[0], within: "\(name)/", depth: 0, isNode: false)
    }
    for constant in inner.constants where constant.isLarge {
      let unread = constant.tensor?.unread(in: &external) ?? constant.unread
      skip(constant.name, "tensors within functions are not read", tensor: unread)
    }
    for tensor in inner.tensors {
      var unread = UnreadTensor(dtype: tensor.elementType.rawValue, shape: tensor.shape)
      // Other parts are numbered by the reader of the function.
      if tensor.part == 0 {
        unread.content = UnreadTensor.bytes(
          tensor.name, shape: tensor.shape, elementByteCount: tensor.elementType.byteCount,
          tensor.layout)
      }
      skip(tensor.name, "tensors within functions are not read", tensor: unread)
    }
  }

  /// A graph within a node: the body of an If or a Loop. Its tensors are offered under the names of
  /// the node and of the body.
  ///
  /// - Returns: the values of the graphs around it that it reads.
  private mutating func read(
    inner graph: FileCursor, within prefix: String, depth: Int
  ) throws -> Set<String> {
    guard depth < Self.depthLimit else {
      throw ONNXFile.damaged("it has graphs within nodes of graphs, \(depth) deep")
    }
    var cursor = graph
    var own = ONNXGraph()
    var reads: Set<String> = []
    var makes: Set<String> = []
    while let field = try cursor.nextField() {
      switch field.number {
      case 1:
        let node = try field.message()
        try own.add(node: node, in: file)
        let new = own.nodes[own.nodes.count - 1]
        reads.formUnion(try read(node: node, new, within: prefix, depth: depth, isNode: false))
        reads.formUnion(new.inputs)
        makes.formUnion(new.outputs)
      case 5:
        makes.insert(try read(initializer: try field.message(), within: prefix, isNode: false))
      case 11: makes.insert(try ONNXGraph.value(try field.message()).name)
      case 12: reads.insert(try ONNXGraph.value(try field.message()).name)
      case 15: makes.insert(try skip(sparse: try field.message(), within: prefix))
      default: break
      }
    }
    innerNodes += own.nodes
    return reads.subtracting(makes).subtracting([""])
  }
}
