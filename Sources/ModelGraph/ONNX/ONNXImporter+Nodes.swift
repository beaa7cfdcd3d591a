import Catalogs
import Support

/// Why a node becomes a layer that is not understood.
struct ONNXRefusal: Error {
  var what: String
  init(_ what: String) { self.what = what }
}

extension ONNXImporter {
  /// Adds what a node does: a layer, another view of a value, or numbers that are known.
  mutating func add(_ node: ONNXGraph.Node) throws {
    guard !node.outputs.isEmpty else { return }
    let read = node.inputs + node.captured
    let isOwn = node.domain.isEmpty || node.domain == "ai.onnx"
    if isOwn, node.operation == "If", takeBranch(node) { return }
    if isOwn, node.captured.isEmpty { fold(node) }
    if read.allSatisfy({ values[$0] == nil }) {
      if isOwn, let output = node.outputs.first, let weight = node.input(0).flatMap({ weights[$0] })
      {
        weights[output] = weight.passed(
          through: node, node.input(1).flatMap { numbers[$0] }?.integers, slice: slice(of: node),
          dropsAxis: node.input(1).flatMap { numbers[$0] }?.shape.isEmpty == true)
      }
      if isOwn { join(node) }
      if isOwn, let output = node.outputs.first { shapes[output] = madeShape(node) }
      for output in node.outputs { made[output] = read }
      return
    }
    if isOwn, node.operation == "Shape" || node.operation == "Size" { return }
    do {
      guard isOwn else { throw ONNXRefusal("\(node.domain).\(node.operation)") }
      guard node.captured.isEmpty else { throw ONNXRefusal(node.operation) }
      for (output, value) in zip(node.outputs, try translate(node)) {
        if let value { values[output] = value }
      }
    } catch let refusal as ONNXRefusal {
      try addUnsupported(node, refusal.what)
    }
  }

  /// Notes tensors, or stretches of one, that a node puts together.
  private mutating func join(_ node: ONNXGraph.Node) {
    guard let output = node.outputs.first else { return }
    switch node.operation {
    case "Concat":
      let parts = node.inputs.compactMap { weights[$0] }
      guard parts.count == node.inputs.count, let axis = node.integers("axis")?.first else {
        return
      }
      if let whole = ONNXWeight.joined(parts, axis: axis) {
        weights[output] = whole
      } else if parts.allSatisfy({ $0.cut == nil && $0.shape.count == 1 }) {
        rows[output] = parts
      }
    case "Unsqueeze", "Identity": rows[output] = node.input(0).flatMap { rows[$0] }
    default: break
    }
  }

  /// Notes what is known of a node's outputs from the model alone.
  private mutating func fold(_ node: ONNXGraph.Node) {
    if node.operation == "Shape", case .view(let view)? = node.input(0).flatMap({ values[$0] }),
      let output = node.outputs.first
    {
      numbers[output] = .shape(view.shape, node)
      return
    }
    guard !node.inputs.contains(where: { values[$0] != nil }) else { return }
    let inputs = node.inputs.map { $0.isEmpty ? nil : numbers[$0] }
    if node.inputs.allSatisfy({ $0.isEmpty || numbers[$0] != nil }) {
      for (output, result) in zip(node.outputs, ONNXNumbers.folded(node, inputs)) {
        if let result { numbers[output] = result }
      }
    }
    guard let output = node.outputs.first else { return }
    switch node.operation {
    case "ConstantOfShape":
      switch node.attributes["value"] {
      case nil: uniform[output] = 0
      case .numbers(let list)?: uniform[output] = list.count == 1 ? list[0] : nil
      default: break
      }
    case "Identity", "Cast", "Expand", "Reshape", "Slice", "Transpose", "Squeeze", "Unsqueeze",
      "Tile", "Gather":
      uniform[output] = node.input(0).flatMap { commonNumber($0) }
    default: break
    }
  }

  /// The number that every element of a value is; nil where they differ, or are not known.
  func commonNumber(_ value: String) -> Double? { uniform[value] ?? numbers[value]?.common }

  /// The numbers of a node's input. A tensor of several that is read so cannot be a weight that moves.
  mutating func known(_ node: ONNXGraph.Node, _ index: Int) -> ONNXNumbers? {
    guard let input = node.input(index), let known = numbers[input] else { return nil }
    if known.elements.count > 1, known.isInteger != true { strays.append(input) }
    return known
  }

  /// The axes that a node names, in its settings or as an input.
  func axes(of node: ONNXGraph.Node, input: Int = 1) -> [Int]? {
    node.integers("axes") ?? node.input(input).flatMap { numbers[$0] }?.integers
  }

  /// The value of a node's input.
  func value(_ node: ONNXGraph.Node, _ index: Int) throws -> ONNXValue {
    guard let input = node.input(index) else {
      throw Diagnostic(.badData, "a \(node.operation) needs another input")
    }
    guard let value = values[input] else {
      throw ONNXRefusal("\(node.operation) of \(input), which the data do not reach")
    }
    return value
  }

  /// The value of a node's input, where it is a view of a layer.
  func view(_ node: ONNXGraph.Node, _ index: Int) throws -> ONNXView {
    guard case .view(let view) = try value(node, index) else { throw ONNXRefusal(node.operation) }
    return view
  }

  /// Adds a layer that does the same to every element, or to every position.
  mutating func pointwise(
    _ node: ONNXGraph.Node, _ operation: Operation, _ view: ONNXView,
    _ parameters: [Parameter] = []
  ) throws -> ONNXView {
    view.of(
      try builder.add(
        name(of: node), operation, inputs: [view.layer], parameters: parameters,
        outputShape: builder.shape(of: view.layer)))
  }

  /// Adds a layer that computes the same of every channel, and is not run.
  mutating func perChannel(
    _ node: ONNXGraph.Node, _ view: ONNXView, shape: [Int?]? = nil
  ) throws -> Int {
    builder.cannotRun("node \(name(of: node)): operations of type \(node.operation) are not run")
    return try builder.add(
      name(of: node), .perChannel(node.operation), inputs: [view.layer],
      outputShape: shape ?? builder.shape(of: view.layer))
  }
}
