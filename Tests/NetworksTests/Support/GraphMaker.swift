import LinearAlgebra
import ModelGraph
import Tensors

/// Builds small graphs with their parameters, in Keras's or PyTorch's conventions.
struct GraphMaker {
  private var builder: ModelGraph.Builder
  private let order: ModelGraph.ChannelOrder

  init(_ order: ModelGraph.ChannelOrder) {
    self.order = order
    builder = ModelGraph.Builder(source: "test", channelOrder: order)
  }

  private var isKeras: Bool { order == .last }

  mutating func input(_ shape: [Int]) throws -> Int { try builder.input(shape: shape) }

  mutating func add(_ operation: Operation, _ inputs: Int...) throws -> Int {
    try builder.add("layer\(builder.graph.layers.count)", operation, inputs: inputs)
  }

  mutating func dense(
    _ units: Int, bias: Bool = true, sharing: Int? = nil, _ input: Int
  ) throws -> Int {
    let name = "dense\(sharing ?? builder.graph.layers.count)"
    let width = (builder.shape(of: input).last ?? nil) ?? 0
    let kernel = Parameter(
      role: .kernel, tensor: name + "/kernel", shape: isKeras ? [width, units] : [units, width],
      axes: isKeras ? [.input, .output] : [.output, .input])
    let offset = Parameter(role: .bias, tensor: name + "/bias", shape: [units], axes: [.output])
    return try builder.add(
      name, .dense(units: units), inputs: [input], parameters: bias ? [kernel, offset] : [kernel])
  }

  mutating func convolution(
    _ filters: Int, _ kernel: [Int], strides: [Int]? = nil, dilation: [Int]? = nil,
    groups: Int = 1, padding: Padding = .valid, bias: Bool = true, _ input: Int
  ) throws -> Int {
    let name = "conv\(builder.graph.layers.count)"
    let channels = builder.channels(of: input) ?? 0
    let ones = kernel.map { _ in 1 }
    let spatial = kernel.indices.map { Parameter.Axis.spatial($0) }
    let parameter: Parameter
    if isKeras && groups == channels && groups > 1 {
      parameter = Parameter(
        role: .kernel, tensor: name + "/kernel", shape: kernel + [channels, filters / channels],
        axes: spatial + [.input, .multiplier])
    } else if isKeras {
      parameter = Parameter(
        role: .kernel, tensor: name + "/kernel", shape: kernel + [channels / groups, filters],
        axes: spatial + [.input, .output])
    } else {
      parameter = Parameter(
        role: .kernel, tensor: name + "/kernel", shape: [filters, channels / groups] + kernel,
        axes: [.output, .input] + spatial)
    }
    let offset = Parameter(role: .bias, tensor: name + "/bias", shape: [filters], axes: [.output])
    return try builder.add(
      name,
      .convolution(
        Convolution(
          filters: filters, kernelSize: kernel, strides: strides ?? ones,
          dilation: dilation ?? ones, groups: groups, padding: padding)),
      inputs: [input], parameters: bias ? [parameter, offset] : [parameter])
  }

  mutating func batchNormalization(
    scale: Bool = true, shift: Bool = true, momentum: Double = 0.9, _ input: Int
  ) throws -> Int {
    let name = "norm\(builder.graph.layers.count)"
    let channels = builder.channels(of: input) ?? 0
    var roles: [Parameter.Role] = [.movingMean, .movingVariance]
    if scale { roles.append(.gamma) }
    if shift { roles.append(.beta) }
    return try builder.add(
      name, .batchNormalization(epsilon: 1e-3, momentum: momentum), inputs: [input],
      parameters: roles.map { vector($0, name, channels) })
  }

  mutating func layerNormalization(
    axisCount: Int = 1, scale: Bool = true, shift: Bool = true, _ input: Int
  ) throws -> Int {
    let name = "norm\(builder.graph.layers.count)"
    let shape = builder.shape(of: input).suffix(axisCount).compactMap { $0 }
    var roles: [Parameter.Role] = []
    if scale { roles.append(.gamma) }
    if shift { roles.append(.beta) }
    return try builder.add(
      name, .layerNormalization(epsilon: 1e-3, axisCount: axisCount), inputs: [input],
      parameters: roles.map {
        Parameter(
          role: $0, tensor: name + "/" + $0.rawValue, shape: shape, axes: shape.map { _ in .fixed })
      })
  }

  mutating func embedding(
    _ vocabulary: Int, _ size: Int, masksZero: Bool = false, _ input: Int
  ) throws -> Int {
    try builder.add(
      "embedding", .embedding(vocabulary: vocabulary, size: size, masksZero: masksZero),
      inputs: [input],
      parameters: [
        Parameter(
          role: .embeddings, tensor: "embedding/table", shape: [vocabulary, size],
          axes: [.fixed, .output])
      ])
  }

  /// A layer of any operation with tensors of its own.
  mutating func layer(
    _ operation: Operation, _ inputs: [Int],
    _ parameters: [(role: Parameter.Role, shape: [Int], axes: [Parameter.Axis])] = []
  ) throws -> Int {
    let name = "layer\(builder.graph.layers.count)"
    return try builder.add(
      name, operation, inputs: inputs,
      parameters: parameters.map {
        Parameter(
          role: $0.role, tensor: "\(name)/\($0.role.rawValue)", shape: $0.shape, axes: $0.axes)
      })
  }

  mutating func recurrent(_ recurrent: Recurrent, torch: Bool = false, _ input: Int) throws -> Int {
    let name = "rnn\(builder.graph.layers.count)"
    let features = builder.channels(of: input) ?? 0
    let gates = recurrent.kind.gateCount
    let columns = gates * recurrent.units
    func matrix(_ role: Parameter.Role, _ rows: Int, _ axis: Parameter.Axis) -> Parameter {
      Parameter(
        role: role, tensor: name + "/" + role.rawValue,
        shape: torch ? [columns, rows] : [rows, columns],
        axes: torch ? [.output(blocks: gates), axis] : [axis, .output(blocks: gates)])
    }
    var parameters = [
      matrix(.kernel, features, .input), matrix(.recurrentKernel, recurrent.units, .recurrentInput),
    ]
    let hasTwoRows = recurrent.kind == .gru && recurrent.resetsAfter && !torch
    parameters.append(
      hasTwoRows
        ? Parameter(
          role: .bias, tensor: name + "/bias", shape: [2, columns],
          axes: [.fixed, .output(blocks: gates)])
        : Parameter(
          role: .bias, tensor: name + "/bias", shape: [columns], axes: [.output(blocks: gates)]))
    if torch {
      parameters.append(
        Parameter(
          role: .recurrentBias, tensor: name + "/recurrentBias", shape: [columns],
          axes: [.output(blocks: gates)]))
    }
    return try builder.add(name, .recurrent(recurrent), inputs: [input], parameters: parameters)
  }

  private func vector(_ role: Parameter.Role, _ name: String, _ count: Int) -> Parameter {
    Parameter(role: role, tensor: name + "/" + role.rawValue, shape: [count], axes: [.output])
  }

  func graph(_ outputs: Int...) throws -> ModelGraph { try builder.finish(outputs: outputs) }
}

/// Weights of moderate size, every role away from its initial value.
func randomWeights(_ graph: ModelGraph, seed: UInt64) -> Weights {
  var generator = SeededGenerator(seed: seed)
  var weights: Weights = [:]
  for parameter in graph.parameters {
    let count = parameter.shape.reduce(1, *)
    let values = (0..<count).map { _ -> Float in
      let normal = generator.normal()
      return switch parameter.role {
      case .gamma, .movingVariance: Float(0.5 + abs(normal))
      default: Float(normal * 0.5)
      }
    }
    weights[parameter.tensor] = Tensor(shape: parameter.shape, values: values)
  }
  return weights
}
