import Catalogs
import Support

/// Products with matrices, and the sums with vectors after them.
extension ONNXImporter {
  /// The weight in a place of a node.
  func weight(_ node: ONNXGraph.Node, _ index: Int) throws -> ONNXWeight {
    guard let value = node.input(index), let weight = weights[value], weight.isWhole else {
      throw ONNXRefusal("\(node.operation) without a weight of its own")
    }
    guard !shared.contains(weight.name) else {
      throw ONNXRefusal("\(node.operation) with a weight that something else reads, too")
    }
    return weight
  }

  /// A vector as long as the layer has outputs; nil where it is left out.
  ///
  /// - Parameter trailing: how many axes of one index follow the channels where the vector is added to
  ///   them; nil where nothing but a vector is allowed.
  func vector(
    _ role: Parameter.Role, _ node: ONNXGraph.Node, _ index: Int, count: Int? = nil,
    trailing: Int? = nil, meaning: Parameter.Axis = .output
  ) throws -> Parameter? {
    guard node.input(index) != nil else { return nil }
    let tensor = try weight(node, index)
    let place = tensor.shape.count - 1 - (trailing ?? 0)
    let isVector =
      tensor.shape.indices.contains(place)
      && tensor.shape.indices.allSatisfy { $0 == place || tensor.shape[$0] == 1 }
    guard isVector, trailing != nil || tensor.shape.count == 1,
      count == nil || tensor.shape[place] == count
    else {
      throw ONNXRefusal("\(node.operation) with a \(role.rawValue) of \(describe(tensor.shape))")
    }
    return try tensor.parameter(
      role, tensor.shape.indices.map { $0 == place ? meaning : .fixed })
  }

  /// The vector that is added to what a layer makes, where nothing else reads that. The sum is taken
  /// in.
  ///
  /// - Parameters:
  ///   - rank: the axes of what the layer makes.
  ///   - trailing: how many axes of one index follow the channels.
  func addedVector(
    to output: String?, rank: Int, count: Int, trailing: Int, meaning: Parameter.Axis = .output
  ) -> (bias: Parameter, node: Int, sum: String)? {
    guard let output, let next = readers[output], next.count == 1,
      !source.outputs.contains(where: { $0.name == output }),
      source.nodes[next[0]].operation == "Add", source.nodes[next[0]].captured.isEmpty,
      let sum = source.nodes[next[0]].outputs.first
    else { return nil }
    let node = source.nodes[next[0]]
    guard node.inputs.count == 2, node.inputs[0] != node.inputs[1] else { return nil }
    let place = node.inputs[0] == output ? 1 : 0
    guard
      let bias = try? vector(
        .bias, node, place, count: count, trailing: trailing, meaning: meaning),
      // A vector with more axes than what it is added to would give it axes.
      weights[node.inputs[place]].map({ $0.shape.count <= rank }) == true
    else { return nil }
    return (bias, next[0], sum)
  }

  /// `α·A·B + β·C`, as a dense layer.
  mutating func addGemm(_ node: ONNXGraph.Node) throws -> ONNXView {
    var kernel = try weight(node, 1)
    guard try node.integer("transA", default: 0) == 0 else {
      throw ONNXRefusal("Gemm of a transposed input")
    }
    if try node.integer("transB", default: 0) != 0, kernel.shape.count == 2 {
      kernel = kernel.transposed
    }
    guard kernel.shape.count == 2 else {
      throw ONNXRefusal("Gemm with \(describe(kernel.fileShape))")
    }
    let bias = try vector(.bias, node, 2, count: kernel.shape[1], trailing: 0)
    let (alpha, beta) = (node.number("alpha", default: 1), node.number("beta", default: 1))
    let input: ONNXView
    switch try value(node, 0) {
    case .view(let view): input = view
    case .unknown(let layer):
      guard alpha == 1, beta == 1, kernel.fileShape.count == 2 else {
        throw ONNXRefusal("Gemm of what is not understood")
      }
      return plainView(
        of: try builder.add(
          name(of: node), .dense(units: kernel.shape[1]), inputs: [layer],
          parameters: [try kernel.parameter(.kernel, [.input, .output])] + [bias].compactMap { $0 })
      )
    case .scores: throw ONNXRefusal("Gemm of products")
    }
    if alpha == 1, beta == 1 || bias == nil { return try addDense(node, kernel, bias, input) }
    guard alpha.isFinite, beta.isFinite, alpha != 0, beta != 0 else {
      throw ONNXRefusal("Gemm with factors of zero")
    }
    var result = try addDense(node, kernel, nil, input)
    result = try pointwise(
      node, .rescaling(scale: bias == nil ? alpha : alpha / beta, offset: 0), result)
    guard var bias else { return result }
    bias.role = .beta
    result = try pointwise(node, .channelScale, result, [bias])
    return beta == 1 ? result : try pointwise(node, .rescaling(scale: beta, offset: 0), result)
  }

  /// A product: with a matrix, of queries with keys, or of weights with values.
  mutating func addProduct(_ node: ONNXGraph.Node) throws -> ONNXValue {
    guard let first = node.input(0), let second = node.input(1) else {
      throw Diagnostic(.badData, "a MatMul needs another input")
    }
    if let left = values[first], let right = values[second] {
      return try addProduct(node, of: left, and: right)
    }
    if values[first] != nil {
      let kernel = try weight(node, 1)
      guard case .view(let view) = try value(node, 0) else { throw ONNXRefusal("MatMul") }
      return .view(try addProduct(node, kernel, view, axis: view.axes.count - 1))
    }
    // A matrix on the left maps the last axis but one.
    let kernel = try weight(node, 0)
    let view = try view(node, 1)
    guard kernel.shape.count == 2, view.axes.count >= 2 else { throw ONNXRefusal("MatMul") }
    return .view(try addProduct(node, kernel.transposed, view, axis: view.axes.count - 2))
  }

  /// A product with a matrix over an axis of a value, and the sum with a vector after it where nothing
  /// else reads it.
  mutating func addProduct(
    _ node: ONNXGraph.Node, _ kernel: ONNXWeight, _ view: ONNXView, axis: Int
  ) throws -> ONNXView {
    guard kernel.shape.count == 2 else {
      throw ONNXRefusal("\(node.operation) with \(describe(kernel.fileShape))")
    }
    let added = addedVector(
      to: node.outputs.first, rank: view.axes.count, count: kernel.shape[1],
      trailing: view.axes.count - 1 - axis,
      meaning: isSteps(view, axis) ? .stepOutput : .output)
    let result = try addDense(node, kernel, added?.bias, view, axis: axis)
    if let added {
      fused.insert(added.node)
      values[added.sum] = .view(result)
    }
    return result
  }

  /// Whether an axis of a value is the steps of a layer over steps and channels.
  private func isSteps(_ view: ONNXView, _ axis: Int) -> Bool {
    builder.channelOrder == .last && builder.shape(of: view.layer).count == 2
      && !isChannels(view, axis) && view.isWhole(axis, 0)
  }

  /// A dense layer over an axis of a value, the last where none is named.
  mutating func addDense(
    _ node: ONNXGraph.Node, _ kernel: ONNXWeight, _ bias: Parameter?, _ input: ONNXView,
    axis: Int? = nil
  ) throws -> ONNXView {
    guard kernel.shape.count == 2, kernel.axes.allSatisfy({ $0 != nil }) else {
      throw ONNXRefusal("\(node.operation) with \(describe(kernel.fileShape))")
    }
    if kernel.fileShape.count > 2 {
      builder.cannotRun("node \(name(of: node)): a kernel with further axes is not run")
    }
    let units = kernel.shape[1]
    let axis = axis ?? input.axes.count - 1
    guard input.axes.indices.contains(axis) else { throw ONNXRefusal(node.operation) }
    if isSteps(input, axis) {
      let layer = try builder.add(
        name(of: node), .stepDense(units: units), inputs: [input.layer],
        parameters: [try kernel.parameter(.kernel, [.stepInput, .stepOutput])]
          + [bias].compactMap { $0 })
      return replaced(input, axis, layer, layerAxis: 0, units)
    }
    var view = input
    if !isChannels(view, axis) {
      guard !view.axes[axis].contains(where: \.isBatch) else { throw ONNXRefusal(node.operation) }
      view = try settled(view, order: view.exampleAxes.filter { $0 != axis } + [axis])
    }
    guard builder.channelOrder == .last || builder.shape(of: view.layer).count == 1 else {
      throw ONNXRefusal("\(node.operation) over the last of several axes")
    }
    let layer = try builder.add(
      name(of: node), .dense(units: units), inputs: [view.layer],
      parameters: [try kernel.parameter(.kernel, [.input, .output])] + [bias].compactMap { $0 })
    return replaced(view, axis, layer, layerAxis: channelAxis(layer), units)
  }

  private func replaced(
    _ view: ONNXView, _ axis: Int, _ layer: Int, layerAxis: Int, _ length: Int
  ) -> ONNXView {
    var result = view.of(layer)
    result.mover = nil
    result.axes[axis] =
      length == 1
      ? [] : [ONNXView.Part(axis: layerAxis, place: 0, length: ONNXAmount(length))]
    return result
  }
}
