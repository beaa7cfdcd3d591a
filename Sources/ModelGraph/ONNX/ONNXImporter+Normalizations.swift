import Catalogs
import Support

/// Normalisations.
extension ONNXImporter {
  /// The value, its channels on an axis; moved where they are not.
  mutating func withChannels(_ view: ONNXView, on axis: Int) throws -> ONNXView {
    if isChannels(view, axis) { return view }
    guard view.axes.indices.contains(axis), !view.axes[axis].contains(where: \.isBatch) else {
      throw ONNXRefusal("channels where the examples stand")
    }
    let others = view.exampleAxes.filter { $0 != axis }
    return try settled(
      view, order: builder.channelOrder == .first ? [axis] + others : others + [axis])
  }

  /// Normalisation by stored statistics.
  mutating func addBatchNormalization(_ node: ONNXGraph.Node) throws -> ONNXView {
    let parameters = try [
      vector(.gamma, node, 1), vector(.beta, node, 2), vector(.movingMean, node, 3),
      vector(.movingVariance, node, 4),
    ]
    .compactMap { $0 }
    guard parameters.count == 4, node.outputs.dropFirst().allSatisfy({ readers[$0] == nil }) else {
      throw ONNXRefusal("BatchNormalization without statistics")
    }
    let operation = Operation.batchNormalization(
      epsilon: node.number("epsilon", default: 1e-5),
      momentum: node.number("momentum", default: 0.9))
    if case .unknown(let layer)? = node.input(0).flatMap({ values[$0] }) {
      values[node.outputs[0]] = .unknown(layer)
      throw ONNXRefusal("BatchNormalization of what is not understood")
    }
    return try pointwise(node, operation, try withChannels(try view(node, 0), on: 1), parameters)
  }

  /// Normalisation of the features.
  mutating func addLayerNormalization(_ node: ONNXGraph.Node) throws -> ONNXView {
    let view = try view(node, 0)
    let rank = view.axes.count
    let stated = try node.integer("axis", default: -1)
    let axis = stated < 0 ? stated + rank : stated
    // Nodes that were put together name the one axis that they are over; others the first of several.
    guard view.axes.indices.contains(axis), axis == rank - 1 || node.integers("isSole") != nil,
      node.outputs.dropFirst().allSatisfy({ readers[$0] == nil })
    else { throw ONNXRefusal("\(node.operation) over several axes") }
    let last = try withChannels(view, on: axis)
    guard builder.channelOrder == .last || builder.shape(of: last.layer).count == 1 else {
      throw ONNXRefusal("\(node.operation) over the last of several axes")
    }
    let epsilon = node.number("epsilon", default: 1e-5)
    let count = builder.channels(of: last.layer)
    let trailing = rank - 1 - axis
    var parameters = try [vector(.gamma, node, 1, count: count, trailing: trailing)]
      .compactMap { $0 }
    if node.operation == "RMSNormalization" {
      return try pointwise(
        node, .rmsNormalization(RMSNormalization(epsilon: epsilon)), last, parameters)
    }
    parameters += try [vector(.beta, node, 2, count: count, trailing: trailing)].compactMap { $0 }
    return try pointwise(
      node, .layerNormalization(epsilon: epsilon, axisCount: 1), last, parameters)
  }

  /// Normalisation of equal groups of channels, or of each.
  mutating func addGroupNormalization(_ node: ONNXGraph.Node) throws -> ONNXView {
    let view = try windowed(try view(node, 0))
    guard let channels = builder.channels(of: view.layer), view.axes.count > 2 else {
      throw ONNXRefusal(node.operation)
    }
    var groups = channels
    if node.operation == "GroupNormalization" {
      groups = try node.integer("num_groups", default: 0)
    }
    guard groups >= 1, channels % groups == 0 else { throw ONNXRefusal(node.operation) }
    // Where it was put together of reshapes, the last has to give the shape of the input again.
    if let target = node.input(3) {
      guard
        let same = numbers[target].flatMap({
          view.reshaped(to: $0.elements, keepsZero: true, by: "")
        }), same.axes == view.axes
      else { throw ONNXRefusal(node.operation) }
    }
    let epsilon = node.number("epsilon", default: 1e-5)
    // Before opset 21 a group has one gain; with one channel a group that is the same.
    func gains(_ role: Parameter.Role, _ index: Int) throws -> Parameter? {
      let shape = node.input(index).flatMap { weights[$0] }?.shape ?? []
      return try vector(
        role, node, index, count: channels, trailing: shape.count > 1 ? view.axes.count - 2 : nil)
    }
    let parameters = try [gains(.gamma, 1), gains(.beta, 2)].compactMap { $0 }
    return try pointwise(
      node, .groupNormalization(groups: groups, epsilon: epsilon), view, parameters)
  }
}
