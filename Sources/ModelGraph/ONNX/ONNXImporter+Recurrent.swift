import Catalogs
import Support

/// LSTM, GRU and simple recurrent layers. The gates of an LSTM stand in the order input, output, forget,
/// cell, those of a GRU update, reset, candidate; a bias holds that of the input's products and then that
/// of the state's.
extension ONNXImporter {
  /// What a recurrent node states of itself.
  private struct Cell {
    var kind: Recurrent.Kind
    var units: Int
    var directions: Int
    var isReversed: Bool
    var activation: Activation
    var resetsAfter: Bool
    /// The axes of the steps and of the batch in the node's input.
    var steps: Int
    var batch: Int
  }

  private func cell(_ node: ONNXGraph.Node, _ kernel: ONNXWeight) throws -> Cell {
    let direction = node.text("direction", default: "forward")
    let layout = try node.integer("layout", default: 0)
    let kinds: [String: Recurrent.Kind] = ["LSTM": .lstm, "GRU": .gru, "RNN": .simple]
    guard let kind = kinds[node.operation], kernel.shape.count == 3, (0...1).contains(layout),
      ["forward", "reverse", "bidirectional"].contains(direction)
    else { throw ONNXRefusal("\(node.operation) with \(describe(kernel.fileShape))") }
    let directions = direction == "bidirectional" ? 2 : 1
    let units = kernel.shape[1] / kind.gateCount
    guard kernel.shape[0] == directions, units >= 1, units * kind.gateCount == kernel.shape[1],
      try node.integer("hidden_size", default: units) == units
    else { throw ONNXRefusal("\(node.operation) with \(describe(kernel.fileShape))") }
    guard node.attributes["clip"] == nil, try node.integer("input_forget", default: 0) == 0,
      node.input(7) == nil, node.input(4) == nil
    else { throw ONNXRefusal("\(node.operation) with peepholes, bounds or lengths of its own") }
    let usual =
      kind == .lstm ? ["Sigmoid", "Tanh", "Tanh"] : kind == .gru ? ["Sigmoid", "Tanh"] : ["Tanh"]
    var words = usual
    if case .texts(let list)? = node.attributes["activations"] {
      guard list.count == usual.count * directions else { throw ONNXRefusal(node.operation) }
      words = Array(list.prefix(usual.count))
      guard list == Array(repeatElement(words, count: directions).joined()) else {
        throw ONNXRefusal("\(node.operation) with two kinds of functions")
      }
    }
    let isRelu = kind == .simple && words.map { $0.lowercased() } == ["relu"]
    guard isRelu || words.map({ $0.lowercased() }) == usual.map({ $0.lowercased() }) else {
      throw ONNXRefusal("\(node.operation) with other functions")
    }
    return Cell(
      kind: kind, units: units, directions: directions, isReversed: direction == "reverse",
      activation: isRelu ? .relu : .tanh,
      resetsAfter: try node.integer("linear_before_reset", default: 0) != 0,
      steps: layout == 0 ? 0 : 1, batch: layout == 0 ? 1 : 0)
  }

  /// A recurrent layer, in one direction or both.
  mutating func addRecurrent(_ node: ONNXGraph.Node) throws -> [ONNXValue?] {
    guard builder.channelOrder == .last else { throw ONNXRefusal(node.operation) }
    let kernel = try kernel(node, 1)
    let cell = try cell(node, kernel)
    let view = try view(node, 0)
    guard view.axes.count == 3, view.axes[cell.batch].allSatisfy(\.isBatch) else {
      throw ONNXRefusal("\(node.operation) over the examples")
    }
    let input = try settled(view, order: [cell.steps, 2])
    let recurrent = try self.kernel(node, 2)
    guard recurrent.shape == [cell.directions, cell.kind.gateCount * cell.units, cell.units] else {
      throw ONNXRefusal("\(node.operation) with \(describe(recurrent.fileShape))")
    }
    let order = cell.directions == 1 ? gateOrder(cell.kind, cell.units, kernel) : .onnx
    guard gateOrder(cell.kind, cell.units, recurrent) == order, let order else {
      throw ONNXRefusal("\(node.operation) whose gates stand in another order")
    }
    let parameters = try parameters(node, cell.kind, cell.units, kernel, recurrent, order)
    let states = try beginning(node, cell)
    let name = name(of: node)
    let layers = try (0..<cell.directions).map { direction in
      let isBackward = cell.isReversed || direction == 1
      return try builder.add(
        cell.directions == 1 ? name : "\(name)/\(isBackward ? "backward" : "forward")",
        .recurrent(
          Recurrent(
            kind: cell.kind, units: cell.units, activation: cell.activation,
            returnsSequences: true, goesBackwards: isBackward, restoresOrder: isBackward,
            resetsAfter: cell.resetsAfter, gateOrder: order)),
        inputs: [input.layer] + states, parameters: parameters)
    }
    return try outputs(node, cell, layers, like: input)
  }

  /// The states that a layer begins with; none where they are zero.
  private mutating func beginning(_ node: ONNXGraph.Node, _ cell: Cell) throws -> [Int] {
    let given = [5, 6].prefix(cell.kind.stateCount).filter { place in
      node.input(place).map { commonNumber($0) != 0 } ?? false
    }
    if given.isEmpty { return [] }
    guard given.count == cell.kind.stateCount, cell.directions == 1 else {
      throw ONNXRefusal("\(node.operation) with states to begin with")
    }
    return try given.map { place in
      let state = try view(node, place)
      guard state.axes.count == 3 else { throw ONNXRefusal(node.operation) }
      return try settled(state, order: [2]).layer
    }
  }

  /// What the layers give at every step, and the states in which they end.
  private mutating func outputs(
    _ node: ONNXGraph.Node, _ cell: Cell, _ layers: [Int], like input: ONNXView
  ) throws -> [ONNXValue?] {
    let name = name(of: node)
    let examples = batch.isOne ? [] : input.axes[cell.batch]
    func channels(_ axis: Int) -> (direction: [ONNXView.Part], units: [ONNXView.Part]) {
      let units = ONNXView.Part(
        axis: axis, place: cell.directions - 1, length: ONNXAmount(cell.units))
      let both = ONNXView.Part(axis: axis, place: 0, length: ONNXAmount(2))
      return (cell.directions == 2 ? [both] : [], cell.units == 1 ? [] : [units])
    }
    func isRead(_ index: Int) -> Bool {
      node.outputs.indices.contains(index) && !node.outputs[index].isEmpty
        && (readers[node.outputs[index]] != nil
          || source.outputs.contains { $0.name == node.outputs[index] })
    }
    var results: [ONNXValue?] = []
    if isRead(0) {
      let layer =
        cell.directions == 1
        ? layers[0] : try builder.add(name, .concatenate(axis: 1), inputs: layers)
      let (direction, units) = channels(1)
      let steps = input.axes[cell.steps]
      let axes =
        cell.batch == 1
        ? [steps, direction, examples, units] : [examples, steps, direction, units]
      results.append(.view(ONNXView(layer: layer, axes: axes, mover: nil).normalized))
    } else {
      results.append(nil)
    }
    for state in 0..<cell.kind.stateCount {
      guard isRead(state + 1) else {
        results.append(nil)
        continue
      }
      let ends = try layers.map {
        try builder.add("\(name)/state\(state)", .recurrentState(state), inputs: [$0])
      }
      let layer =
        cell.directions == 1
        ? ends[0]
        : try builder.add("\(name)/states\(state)", .concatenate(axis: 0), inputs: ends)
      let (direction, units) = channels(0)
      let axes = cell.batch == 1 ? [direction, examples, units] : [examples, direction, units]
      results.append(.view(ONNXView(layer: layer, axes: axes, mover: nil).normalized))
    }
    return results
  }
}
