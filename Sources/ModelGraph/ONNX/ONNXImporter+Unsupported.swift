import Catalogs
import Support

/// Nodes that are not understood.
extension ONNXImporter {
  /// Adds a layer that is not understood for each output that something reads: what it reads stays as it
  /// is.
  mutating func addUnsupported(_ node: ONNXGraph.Node, _ what: String) throws {
    var sources: [Int] = []
    for input in node.inputs + node.captured {
      for layer in values[input]?.layers ?? [] where !sources.contains(layer) {
        sources.append(layer)
      }
    }
    strays += node.inputs + node.captured
    let name = name(of: node)
    builder.skip(name, "operations of type \(what) are not understood")
    builder.cannotRun("node \(name): operations of type \(what) are not understood")
    for output in node.outputs where !output.isEmpty {
      guard readers[output] != nil || source.outputs.contains(where: { $0.name == output }) else {
        continue
      }
      if let same = try sameShape(node) {
        let layer = try builder.add(
          name, .unsupported(what), inputs: sources, outputShape: builder.shape(of: same.layer))
        values[output] = .view(same.of(layer))
        continue
      }
      let stated = statedShape(of: output) ?? productShape(node) ?? broadcastShape(node)
      guard let stated, stated.count > 1, CheckedShape.isPlausible(stated) else {
        values[output] = .unknown(
          try builder.add(name, .unsupported(what), inputs: sources, outputShape: []))
        continue
      }
      let place = batchAxis < stated.count ? batchAxis : 0
      let order = [place] + stated.indices.filter { $0 != place }
      let layer = try builder.add(
        name, .unsupported(what), inputs: sources,
        outputShape: order.dropFirst().map { stated[$0] })
      values[output] = .view(view(of: layer, batchAt: place, rank: stated.count))
    }
  }

  private mutating func view(of layer: Int, batchAt place: Int, rank: Int) -> ONNXView {
    var axes = [[ONNXView.Part]](repeating: [], count: rank)
    if !batch.isOne { axes[place] = [ONNXView.Part(axis: -1, place: 0, length: batch)] }
    let empty = ONNXView(layer: layer, axes: axes, mover: nil)
    return view(of: layer, order: axes.indices.filter { $0 != place }, like: empty)
  }

  /// What the model states of a value's shape.
  private func statedShape(of value: String) -> [Int?]? {
    let stated = source.shapes[value] ?? source.outputs.first { $0.name == value }?.shape
    return stated?.isEmpty == false ? stated : nil
  }

  /// The view whose shape the output of a function of elements has; nil where that is not one of them.
  private mutating func sameShape(_ node: ONNXGraph.Node) throws -> ONNXView? {
    guard Self.isElementwise(node.operation), let shape = elementwiseShape(node) else { return nil }
    for input in node.inputs {
      if case .view(let view)? = values[input], view.shape == shape { return view }
    }
    return nil
  }

  private func broadcastShape(_ node: ONNXGraph.Node) -> [Int?]? {
    guard Self.isElementwise(node.operation) else { return nil }
    return elementwiseShape(node)?.map(\.integer)
  }

  /// The common shape of a node's inputs, of which axes of one index are repeated.
  private func elementwiseShape(_ node: ONNXGraph.Node) -> [ONNXAmount]? {
    var result: [ONNXAmount] = []
    for input in node.inputs where !input.isEmpty {
      var shape: [ONNXAmount]
      switch values[input] {
      case .view(let view)?: shape = view.shape
      case .scores(let scores)?: shape = scores.shape
      case .unknown?: return nil
      case nil:
        guard let known = numbers[input]?.shape ?? weights[input]?.shape else { return nil }
        shape = known.map { ONNXAmount($0) }
      }
      let rank = max(shape.count, result.count)
      shape = Array(repeating: ONNXAmount(1), count: rank - shape.count) + shape
      result = Array(repeating: ONNXAmount(1), count: rank - result.count) + result
      for axis in result.indices {
        if result[axis].isOne { result[axis] = shape[axis] }
        guard shape[axis].isOne || shape[axis] == result[axis] else { return nil }
      }
    }
    return result.isEmpty ? nil : result
  }

  private static func isElementwise(_ operation: String) -> Bool {
    [
      "Abs", "Add", "And", "Ceil", "Clip", "CumSum", "Div", "Equal", "Erf", "Exp", "Floor",
      "Greater",
      "GreaterOrEqual", "GroupNormalization", "Hardmax", "HardSwish", "InstanceNormalization",
      "LayerNormalization", "Less", "LessOrEqual", "Log", "LogSoftmax", "LpNormalization", "LRN",
      "Max",
      "MeanVarianceNormalization", "Min", "Mish", "Mod", "Mul", "Neg", "Not", "Or", "PRelu", "Pow",
      "Reciprocal", "RMSNormalization", "Round", "Sign", "Softmax", "Softsign", "Sqrt", "Sub",
      "Sum",
      "ThresholdedRelu", "Where", "Xor",
    ].contains(operation)
  }
}
