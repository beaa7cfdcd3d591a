import Catalogs
import Support

/// Gather: rows of tables, and parts of values by known indices.
extension ONNXImporter {
  /// Rows of a table for integers, or a part of a value by known indices.
  mutating func addGather(_ node: ONNXGraph.Node) throws -> ONNXView {
    let axis = try node.integer("axis", default: 0)
    guard let data = node.input(0), let indices = node.input(1) else {
      throw Diagnostic(.badData, "a Gather needs another input")
    }
    guard values[data] != nil else { return try addEmbedding(node, axis: axis) }
    var view = try view(node, 0)
    let place = axis < 0 ? axis + view.axes.count : axis
    guard let list = numbers[indices], let places = list.integers, let first = places.first,
      view.axes.indices.contains(place), list.shape.count <= 1,
      places == Array(first..<(first + places.count))
    else { throw ONNXRefusal(node.operation) }
    let dropsAxis = list.shape.isEmpty
    var start = first
    if let length = view.shape[place].integer {
      start = first < 0 ? first + length : first
      guard start >= 0, start + places.count <= length else {
        throw Diagnostic(.badData, "its indices are beyond the axis")
      }
    }
    if dropsAxis, let step = try addStep(node, view, place, start) { return step }
    view = try selected(node, view, place, Stretch(first: start, count: places.count))
    if dropsAxis {
      view.axes.remove(at: place)
      view = view.normalized
    }
    return view
  }

  /// One step of a row of steps; nil where the axis is none of steps.
  private mutating func addStep(
    _ node: ONNXGraph.Node, _ view: ONNXView, _ axis: Int, _ first: Int
  ) throws -> ONNXView? {
    guard builder.channelOrder == .last, builder.shape(of: view.layer).count == 2,
      view.isWhole(axis, 0), !view.axes[axis].isEmpty
    else { return nil }
    let layer = try builder.add(
      name(of: node), .steps(StepSelection(first: first)), inputs: [view.layer])
    var result = view.of(layer)
    result.axes.remove(at: axis)
    result.axes = result.axes.map { row in
      row.map { $0.isBatch ? $0 : ONNXView.Part(axis: 0, place: $0.place, length: $0.length) }
    }
    return result.normalized
  }

  private mutating func addEmbedding(_ node: ONNXGraph.Node, axis: Int) throws -> ONNXView {
    let table = try weight(node, 0)
    guard table.shape.count == 2, table.fileShape.count == 2, axis == 0 || axis == -2,
      builder.channelOrder == .last
    else { throw ONNXRefusal("Gather from \(describe(table.shape))") }
    let view = try view(node, 1)
    let indices = try settled(view, order: view.exampleAxes)
    let layer = try builder.add(
      name(of: node),
      .embedding(vocabulary: table.shape[0], size: table.shape[1], masksZero: false),
      inputs: [indices.layer], parameters: [try table.parameter(.embeddings, [.fixed, .output])])
    var result = indices.of(layer)
    let channels = channelAxis(layer)
    result.axes.append(
      table.shape[1] == 1
        ? [] : [ONNXView.Part(axis: channels, place: 0, length: ONNXAmount(table.shape[1]))])
    return result
  }
}
