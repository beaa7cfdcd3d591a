import Catalogs
import Support

/// The nodes that have weights.
extension ONNXImporter {
  /// The weight in a place of a node.
  private func weight(_ node: ONNXGraph.Node, _ index: Int) throws -> ONNXWeight {
    guard let value = node.input(index), let weight = weights[value] else {
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
  private func vector(
    _ role: Parameter.Role, _ node: ONNXGraph.Node, _ index: Int, count: Int? = nil,
    trailing: Int? = nil
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
      role, tensor.shape.indices.map { $0 == place ? .output : .fixed })
  }

  /// The vector that is added to what a layer makes, where nothing else reads that. The sum is taken
  /// in.
  ///
  /// - Parameter trailing: how many axes of one index follow the channels.
  private func addedVector(
    to output: String?, count: Int, trailing: Int
  ) -> (bias: Parameter, node: Int, sum: String)? {
    guard let output, let next = readers[output], next.count == 1,
      !source.outputs.contains(where: { $0.name == output }),
      source.nodes[next[0]].operation == "Add", source.nodes[next[0]].captured.isEmpty,
      let sum = source.nodes[next[0]].outputs.first
    else { return nil }
    let node = source.nodes[next[0]]
    guard node.inputs.count == 2, node.inputs[0] != node.inputs[1] else { return nil }
    let place = node.inputs[0] == output ? 1 : 0
    let bias = try? vector(.bias, node, place, count: count, trailing: trailing)
    return bias.map { ($0, next[0], sum) }
  }

  /// `A·B + C`, as a dense layer.
  mutating func addGemm(_ node: ONNXGraph.Node, _ input: Int) throws -> Int {
    var kernel = try weight(node, 1)
    guard node.number("alpha", default: 1) == 1, node.number("beta", default: 1) == 1,
      try node.integer("transA", default: 0) == 0
    else { throw ONNXRefusal("Gemm with factors, or of a transposed input") }
    if try node.integer("transB", default: 0) != 0, kernel.shape.count == 2 {
      kernel = kernel.transposed
    }
    let bias = try units(kernel).flatMap { try vector(.bias, node, 2, count: $0, trailing: 0) }
    return try addDense(node, kernel, bias, input)
  }

  /// A product with a matrix, and the sum with a vector after it where nothing else reads it.
  mutating func addProduct(_ node: ONNXGraph.Node, _ input: Int) throws -> Int {
    let kernel = try weight(node, 1)
    guard let units = units(kernel),
      let added = addedVector(to: node.outputs.first, count: units, trailing: 0)
    else { return try addDense(node, kernel, nil, input) }
    let layer = try addDense(node, kernel, added.bias, input)
    fused.insert(added.node)
    layers[added.sum] = layer
    return layer
  }

  private func units(_ kernel: ONNXWeight) -> Int? {
    kernel.shape.count == 2 ? kernel.shape[1] : nil
  }

  private mutating func addDense(
    _ node: ONNXGraph.Node, _ kernel: ONNXWeight, _ bias: Parameter?, _ input: Int
  ) throws -> Int {
    guard let units = units(kernel), kernel.fileShape.count == 2 else {
      throw ONNXRefusal("\(node.operation) with \(describe(kernel.fileShape))")
    }
    return try builder.add(
      name(of: node), .dense(units: units), inputs: [input],
      parameters: [try kernel.parameter(.kernel, [.input, .output])] + [bias].compactMap { $0 })
  }

  /// A convolution over one or two axes.
  mutating func addConvolution(_ node: ONNXGraph.Node, _ input: Int) throws -> Int {
    let kernel = try weight(node, 1)
    let rank = kernel.shape.count - 2
    guard (1...2).contains(rank), kernel.fileShape.count == kernel.shape.count,
      builder.channelOrder == .first
    else {
      throw ONNXRefusal("Conv with \(describe(kernel.fileShape))")
    }
    let size = Array(kernel.shape.dropFirst(2))
    if let stated = node.integers("kernel_shape"), stated != size {
      throw Diagnostic(
        .badData, "its kernel_shape is not that of its kernel, \(describe(kernel.shape))")
    }
    let operation = Operation.convolution(
      Convolution(
        filters: kernel.shape[0], kernelSize: size,
        strides: try node.lengths("strides", count: rank, default: 1),
        dilation: try node.lengths("dilations", count: rank, default: 1),
        groups: try node.integer("group", default: 1), padding: try padding(node, rank: rank)))
    let weight = try kernel.parameter(
      .kernel, [.output, .input] + (0..<rank).map { .spatial($0) })
    var bias = try vector(.bias, node, 2, count: kernel.shape[0])
    let added =
      bias == nil
      ? addedVector(to: node.outputs.first, count: kernel.shape[0], trailing: rank) : nil
    bias = bias ?? added?.bias
    let layer = try builder.add(
      name(of: node), operation, inputs: [input], parameters: [weight] + [bias].compactMap { $0 })
    if let added {
      fused.insert(added.node)
      layers[added.sum] = layer
    }
    return layer
  }

  /// Normalisation by stored statistics.
  mutating func addBatchNormalization(_ node: ONNXGraph.Node, _ input: Int) throws -> Int {
    guard builder.channelOrder == .first || builder.shape(of: input).count == 1 else {
      throw ONNXRefusal("BatchNormalization of steps")
    }
    let parameters = try [
      vector(.gamma, node, 1), vector(.beta, node, 2), vector(.movingMean, node, 3),
      vector(.movingVariance, node, 4),
    ]
    .compactMap { $0 }
    guard parameters.count == 4 else { throw ONNXRefusal("BatchNormalization without statistics") }
    let operation = Operation.batchNormalization(
      epsilon: node.number("epsilon", default: 1e-5),
      momentum: node.number("momentum", default: 0.9))
    return try builder.add(
      name(of: node), operation, inputs: [input], parameters: parameters)
  }

  /// Normalisation of the features.
  mutating func addLayerNormalization(_ node: ONNXGraph.Node, _ input: Int) throws -> Int {
    let rank = builder.shape(of: input).count
    let axis = try node.integer("axis", default: -1)
    guard axis == -1 || axis == rank, builder.channelOrder == .last || rank == 1 else {
      throw ONNXRefusal("LayerNormalization over several axes")
    }
    let parameters = try [vector(.gamma, node, 1), vector(.beta, node, 2)].compactMap { $0 }
    return try builder.add(
      name(of: node),
      .layerNormalization(epsilon: node.number("epsilon", default: 1e-5), axisCount: 1),
      inputs: [input], parameters: parameters)
  }

  /// A row of a table for each integer.
  mutating func addEmbedding(_ node: ONNXGraph.Node, _ input: Int) throws -> Int {
    let table = try weight(node, 0)
    guard table.shape.count == 2, table.fileShape.count == 2,
      try node.integer("axis", default: 0) == 0
    else { throw ONNXRefusal("Gather from \(describe(table.shape))") }
    return try builder.add(
      name(of: node),
      .embedding(vocabulary: table.shape[0], size: table.shape[1], masksZero: false),
      inputs: [input],
      parameters: [try table.parameter(.embeddings, [.fixed, .output])])
  }
}
