import Catalogs
import Support

/// Sums, products and the like: of values, or of a value with what the model holds.
extension ONNXImporter {
  mutating func addArithmetic(_ node: ONNXGraph.Node) throws -> ONNXValue {
    let known = node.inputs.compactMap { values[$0] }
    for case .scores(let scores) in known {
      return .scores(try addToScores(node, scores, known.count))
    }
    guard node.inputs.count == known.count else {
      guard node.inputs.count == 2, known.count == 1, case .view(let view) = known[0] else {
        throw ONNXRefusal("\(node.operation) with a tensor")
      }
      let place = values[node.inputs[0]] == nil ? 0 : 1
      return .view(try addConstant(node, view, place))
    }
    var views = try node.inputs.indices.map { try view(node, $0) }
    guard views.count > 1 else { return .view(views[0]) }
    let operation: Operation =
      switch node.operation {
      case "Add", "Sum": .add
      case "Mul": .multiply
      case "Sub" where views.count == 2: .elementwise(.subtract)
      case "Max": .elementwise(.maximum)
      case "Min": .elementwise(.minimum)
      case "Mean": .elementwise(.average)
      default: throw ONNXRefusal("\(node.operation) of two values")
      }
    let result = try aligned(&views)
    let full = views[0].shape.indices.map { axis in views.contains { !$0.shape[axis].isOne } }
    guard zip(full, result.shape).allSatisfy({ !$0 || !$1.isOne }) else {
      throw ONNXRefusal("\(node.operation) that repeats both of its inputs")
    }
    let layer = try builder.add(name(of: node), operation, inputs: views.map(\.layer))
    return .view(result.of(layer))
  }

  /// Brings values into one order, with as many axes each.
  ///
  /// - Returns: a view whose layer has the shape of the result.
  private mutating func aligned(_ views: inout [ONNXView]) throws -> ONNXView {
    let first = views[0]
    if views.allSatisfy({
      $0.axes == first.axes && builder.shape(of: $0.layer) == builder.shape(of: first.layer)
    }) {
      return first
    }
    let rank = views.map(\.axes.count).max() ?? 0
    for index in views.indices {
      let missing = rank - views[index].axes.count
      views[index].axes = Array(repeating: [], count: missing) + views[index].axes
    }
    // The batch stands on one axis in all.
    let batches = Set(
      views.compactMap { view in
        view.axes.firstIndex { row in row.contains { $0.isBatch } }
      })
    guard batches.count <= 1 else { throw ONNXRefusal("a sum over the examples") }
    let batch = batches.first ?? 0
    guard
      views.allSatisfy({ $0.axes[batch].allSatisfy(\.isBatch) }),
      self.batch.isOne || views.allSatisfy({ !$0.axes[batch].isEmpty })
    else { throw ONNXRefusal("a sum in which the examples are mixed") }
    let shapes = views.map(\.shape)
    for axis in 0..<rank {
      guard Set(shapes.map { $0[axis] }.filter { !$0.isOne }).count <= 1 else {
        throw ONNXRefusal("a sum of lengths that may differ")
      }
    }
    // The order of the largest, where it is one of its layer's axes.
    let largest = views.indices.max { size(shapes[$0]) < size(shapes[$1]) } ?? 0
    let axes = (0..<rank).filter { $0 != batch }
    var order = axes
    let places = axes.map { layerAxis(views[largest], $0) }
    if views[largest].axes.count == rank,
      builder.shape(of: views[largest].layer).count == axes.count,
      Set(places.compactMap { $0 }).count == axes.count
    {
      order = axes.sorted {
        layerAxis(views[largest], $0) ?? 0 < layerAxis(views[largest], $1) ?? 0
      }
    }
    for index in views.indices { views[index] = try settled(views[index], order: order) }
    return views[largest]
  }

  private func size(_ shape: [ONNXAmount]) -> (Int) {
    shape.count { !$0.isOne }
  }

  /// A value and a tensor of the model.
  private mutating func addConstant(
    _ node: ONNXGraph.Node, _ view: ONNXView, _ place: Int
  ) throws -> ONNXView {
    if let number = node.input(place).flatMap({ commonNumber($0) }), number.isFinite,
      isNumber(node.inputs[place], beside: view)
    {
      return try addNumber(node, view, number, isFirst: place == 0)
    }
    if node.operation == "Add", let rows = try addRows(node, view, place) { return rows }
    let tensor = try weight(node, place)
    let rank = view.axes.count
    guard tensor.shape.count <= rank else { throw ONNXRefusal("\(node.operation) with a tensor") }
    let missing = rank - tensor.shape.count
    let wide = tensor.shape.indices.filter { tensor.shape[$0] != 1 }.map { $0 + missing }
    if wide.count <= 1, let axis = wide.first {
      guard node.operation == "Add" || node.operation == "Mul" else {
        throw ONNXRefusal("\(node.operation) with a tensor")
      }
      let channels = try withChannels(view, on: axis)
      guard builder.channels(of: channels.layer) == tensor.shape[axis - missing] else {
        throw ONNXRefusal("\(node.operation) with a tensor of another length")
      }
      let parameter = try tensor.parameter(
        node.operation == "Add" ? .beta : .gamma,
        tensor.shape.indices.map { $0 + missing == axis ? .output : .fixed })
      return try pointwise(node, .channelScale, channels, [parameter])
    }
    throw ONNXRefusal("\(node.operation) with a tensor")
  }

  /// Rows of a table added to the steps, or one row to all; nil where the tensor is none.
  private mutating func addRows(
    _ node: ONNXGraph.Node, _ view: ONNXView, _ place: Int
  ) throws -> ONNXView? {
    let rank = view.axes.count
    var view = view
    if rank == 3, builder.channelOrder == .last, builder.shape(of: view.layer).count > 2,
      isChannels(view, rank - 1), view.axes[0].allSatisfy(\.isBatch),
      node.input(place).flatMap({ weights[$0] })?.shape.suffix(2).map({ ONNXAmount($0) })
        == Array(view.shape.suffix(2))
    {
      // Positions of a picture as steps.
      view = try settled(view, order: [1, 2])
    }
    guard let table = node.input(place).flatMap({ weights[$0] }), !shared.contains(table.name),
      rank >= 2, table.shape.count <= rank, let width = table.shape.last, width > 1,
      let channels = table.axes.last ?? nil, isChannels(view, rank - 1),
      builder.channelOrder == .last, builder.shape(of: view.layer).count == 2,
      builder.channels(of: view.layer) == width, layerAxis(view, rank - 2) == 0,
      table.shape.dropLast(2).allSatisfy({ $0 == 1 }), table.cut?.axis != channels
    else { return nil }
    let rows = table.shape.dropLast().last ?? 1
    let steps = view.shape[rank - 2].integer
    let isOneRow = rows == 1 && (steps ?? 2) != 1
    guard
      isOneRow ? table.cut != nil : rows == steps || (table.cut != nil && table.cut?.count == nil)
    else { return nil }
    let meanings = table.fileShape.indices.map { $0 == channels ? Parameter.Axis.output : .fixed }
    let parameter = Parameter(
      role: .embeddings, tensor: table.name, shape: table.fileShape, axes: meanings)
    let others = table.fileShape.indices.dropLast(2)
    guard channels == table.fileShape.count - 1, others.allSatisfy({ table.fileShape[$0] == 1 }),
      table.cut.map({ $0.axis == table.fileShape.count - 2 }) ?? true
    else { return nil }
    return try pointwise(
      node, .tableAddition(firstRow: table.cut?.first ?? 0, isOneRow: isOneRow), view, [parameter])
  }

  /// Whether a tensor beside a value gives it no further axes, and no longer ones.
  private func isNumber(_ input: String, beside view: ONNXView) -> Bool {
    guard let shape = numbers[input]?.shape else { return false }
    let own = view.shape
    guard shape.count <= own.count, shape.allSatisfy({ $0 == 1 }) else { return false }
    return true
  }

  /// A value and one number.
  private mutating func addNumber(
    _ node: ONNXGraph.Node, _ view: ONNXView, _ number: Double, isFirst: Bool
  ) throws -> ONNXView {
    switch (node.operation, isFirst) {
    case ("Add", _), ("Sum", _):
      return try pointwise(node, .rescaling(scale: 1, offset: number), view)
    case ("Sub", false): return try pointwise(node, .rescaling(scale: 1, offset: -number), view)
    case ("Sub", true): return try pointwise(node, .rescaling(scale: -1, offset: number), view)
    case ("Mul", _): return try pointwise(node, .rescaling(scale: number, offset: 0), view)
    case ("Div", false) where number != 0:
      return try pointwise(node, .rescaling(scale: 1 / number, offset: 0), view)
    case ("Max", _) where number == 0: return try pointwise(node, .activation(.relu), view)
    case ("Pow", false) where number == 1: return view
    case ("Pow", false) where number == 2:
      return view.of(
        try builder.add(name(of: node), .multiply, inputs: [view.layer, view.layer]))
    default: return view.of(try perChannel(node, view))
    }
  }
}
