import Catalogs
import Support

/// Why a node becomes a layer that is not understood.
struct ONNXRefusal: Error {
  var what: String
  init(_ what: String) { self.what = what }
}

extension ONNXImporter {
  /// Adds what a node does: a layer, another name for a value, or a length that is known.
  mutating func add(_ node: ONNXGraph.Node) throws {
    guard let output = node.outputs.first else { return }
    let read = node.inputs + node.captured
    if read.allSatisfy({ layers[$0] == nil }) {
      if let weight = node.input(0).flatMap({ weights[$0] }) {
        let lengths = node.input(1).flatMap { self.lengths[$0] }?.compactMap { $0 }
        weights[output] = weight.passed(through: node, lengths)
      }
      for output in node.outputs { made[output] = read }
      computeLengths(node)
      return
    }
    if node.operation == "Shape" {
      if let shape = node.input(0).flatMap({ layers[$0] }).map({ builder.shape(of: $0) }),
        node.attributes.isEmpty
      {
        lengths[output] = [nil] + shape
      }
      return
    }
    do {
      guard node.domain.isEmpty || node.domain == "ai.onnx" else {
        throw ONNXRefusal("\(node.domain).\(node.operation)")
      }
      guard node.captured.isEmpty else { throw ONNXRefusal(node.operation) }
      if ["Identity", "Dropout", "Cast"].contains(node.operation) {
        layers[output] = try layer(node, 0)
      } else {
        layers[output] = try translate(node)
      }
    } catch let refusal as ONNXRefusal {
      layers[output] = try addUnsupported(node, refusal.what)
    }
  }

  /// The layer that makes one of a node's inputs.
  func layer(_ node: ONNXGraph.Node, _ index: Int) throws -> Int {
    guard let input = node.input(index) else {
      throw Diagnostic(.badData, "a \(node.operation) needs another input")
    }
    guard let layer = layers[input] else {
      throw ONNXRefusal("\(node.operation) of \(input), which the data do not reach")
    }
    return layer
  }

  /// Adds a layer that is not understood: what it reads stays as it is.
  private mutating func addUnsupported(_ node: ONNXGraph.Node, _ what: String) throws -> Int {
    let sources = (node.inputs + node.captured).compactMap { layers[$0] }
    strays += node.inputs + node.captured
    guard let first = sources.first else {
      throw Diagnostic(
        .badData, "an operation of type \(what) is not understood",
        remedy: "describe the network in a file and give it with --graph")
    }
    let stated = node.outputs.first.flatMap(shape(of:))
    let shape = stated ?? (Self.isElementwise(node.operation) ? builder.shape(of: first) : nil)
    builder.skip(name(of: node), "operations of type \(what) are not understood")
    builder.cannotRun("node \(name(of: node)): operations of type \(what) are not understood")
    return try builder.add(name(of: node), .unsupported(what), inputs: sources, outputShape: shape)
  }

  /// What the model states of a value's shape, without the batch.
  private func shape(of value: String) -> [Int?]? {
    let stated = source.shapes[value] ?? source.outputs.first { $0.name == value }?.shape
    guard let stated, !stated.isEmpty else { return nil }
    return Array(stated.dropFirst())
  }

  private static func isElementwise(_ operation: String) -> Bool {
    [
      "Abs", "Add", "Ceil", "Clip", "Div", "Erf", "Exp", "Floor", "GroupNormalization", "HardSwish",
      "InstanceNormalization", "Log", "LogSoftmax", "LRN", "Mish", "Mul", "Neg", "PRelu", "Pow",
      "Reciprocal", "Round", "Sign", "Softmax", "Softsign", "Sqrt", "Sub", "ThresholdedRelu",
    ].contains(operation)
  }

  /// Adds the layers of a node that is understood.
  private mutating func translate(_ node: ONNXGraph.Node) throws -> Int {
    let input = try layer(node, node.operation == "Gather" ? 1 : 0)
    switch node.operation {
    case "Gemm": return try addGemm(node, input)
    case "MatMul": return try addProduct(node, input)
    case "Conv": return try addConvolution(node, input)
    case "BatchNormalization": return try addBatchNormalization(node, input)
    case "LayerNormalization": return try addLayerNormalization(node, input)
    case "Gather": return try addEmbedding(node, input)
    case "Add", "Sub", "Mul", "Div": return try addArithmetic(node, input)
    case "Sum":
      let sources = try node.inputs.indices.map { try layer(node, $0) }
      return try builder.add(name(of: node), .add, inputs: sources)
    default: break
    }
    if let operation = try pooling(node, input) ?? shaping(node, input) ?? activation(node, input) {
      let sources =
        node.operation == "Concat" ? try node.inputs.indices.map { try layer(node, $0) } : [input]
      return try builder.add(name(of: node), operation, inputs: sources)
    }
    throw ONNXRefusal(node.operation)
  }
}
