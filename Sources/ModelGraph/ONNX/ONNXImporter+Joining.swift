import Catalogs
import Support

/// Values one after another.
extension ONNXImporter {
  /// Values one after another along an axis.
  mutating func addConcatenation(_ node: ONNXGraph.Node) throws -> ONNXView {
    let axis = try node.integer("axis", default: 1)
    let reached = node.inputs.filter { values[$0] != nil }
    if reached.count < node.inputs.count { return try addFirstRows(node, axis) }
    var views = try node.inputs.indices.map { try view(node, $0) }
    let rank = views[0].axes.count
    let place = axis < 0 ? axis + rank : axis
    guard views.allSatisfy({ $0.axes.count == rank }), (0..<rank).contains(place),
      views.allSatisfy({ view in !view.axes[place].contains { $0.isBatch } })
    else { throw ONNXRefusal("Concat of the examples") }
    let examples = try exampleAxes(views, beside: place)
    // In the order of the first whose axes are its layer's.
    var order = examples
    for view in views {
      let layerAxes = examples.map { layerAxis(view, $0) }
      guard builder.shape(of: view.layer).count == examples.count,
        Set(layerAxes.compactMap { $0 }).count == examples.count
      else { continue }
      order = examples.sorted { layerAxis(view, $0) ?? 0 < layerAxis(view, $1) ?? 0 }
      break
    }
    for index in views.indices { views[index] = try settled(views[index], order: order) }
    guard let own = order.firstIndex(of: place) else { throw ONNXRefusal(node.operation) }
    let layer = try builder.add(
      name(of: node), .concatenate(axis: own), inputs: views.map(\.layer))
    return view(
      of: layer, order: order, like: views[0], keeping: Set(examples).subtracting([place]))
  }

  /// The axes of values that are not the batch. Where the batch has one index, it is another axis than the
  /// one along which they are put together.
  private func exampleAxes(_ views: [ONNXView], beside place: Int) throws -> [Int] {
    let examples = views[0].exampleAxes
    if views.allSatisfy({ $0.exampleAxes == examples }), examples.contains(place) {
      return examples
    }
    let all = views[0].axes.indices
    guard batch.isOne,
      let other = all.dropLast().first(where: { axis in
        axis != place && views.allSatisfy { $0.axes[axis].isEmpty }
      })
    else { throw ONNXRefusal("Concat of values with their examples on other axes") }
    return all.filter { $0 != other }
  }

  /// Rows of the model before the steps: class tokens.
  private mutating func addFirstRows(_ node: ONNXGraph.Node, _ axis: Int) throws -> ONNXView {
    guard node.inputs.count == 2, values[node.inputs[0]] == nil,
      let table = weights[node.inputs[0]], table.cut == nil, !shared.contains(table.name),
      case .view(let view)? = values[node.inputs[1]], view.axes.count == 3, axis == 1 || axis == -2,
      table.shape.count == 3, table.shape[0] == 1, builder.channelOrder == .last
    else { throw ONNXRefusal("Concat with a tensor") }
    let steps = try settled(view, order: [1, 2])
    guard builder.channels(of: steps.layer) == table.shape[2], let last = table.axes[2],
      last == table.fileShape.count - 1, table.fileShape.dropLast(2).allSatisfy({ $0 == 1 })
    else { throw ONNXRefusal("Concat with a tensor") }
    let parameter = Parameter(
      role: .embeddings, tensor: table.name, shape: table.fileShape,
      axes: table.fileShape.indices.map { $0 == last ? .output : .fixed })
    let layer = try builder.add(
      name(of: node), .prepend(count: table.shape[1]), inputs: [steps.layer],
      parameters: [parameter])
    return self.view(of: layer, order: [1, 2], like: steps)
  }
}
