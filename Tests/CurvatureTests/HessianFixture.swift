import struct Foundation.URL
import ModelGraph
import Networks
import Testing
import WeightFiles

/// One network of `Fixtures/hessians.h5`: its graph, its tensors, and what PyTorch's double backward says.
struct HessianFixture {
  var graph: ModelGraph
  var weights: Weights
  var data: Dataset
  /// The trained tensors in PyTorch's order.
  var names: [String]
  private var values: Weights
  private let name: String

  static let all =
    ["tanh", "sigmoid", "softplus", "silu", "gelu", "elu", "leaky_relu"]
    .map { "mlp_\($0)" } + ["vgg", "resnet"]

  init(_ name: String) async throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/hessians.h5").path
    let file = try await WeightFile.open(path)
    values = try file.read(file.catalog.tensors.map(\.name).filter { $0.hasPrefix(name + "/") })
    self.name = name
    var maker = TorchGraph(order: .first)
    switch name {
    case "vgg": try maker.vgg()
    case "resnet": try maker.resnet()
    default: try maker.mlp(HessianFixture.activation(name))
    }
    graph = try maker.finish()
    names = maker.trained
    weights = [:]
    for parameter in graph.parameters {
      weights[parameter.tensor] = values["\(name)/\(parameter.tensor)"]
    }
    let x = try #require(values[name + "/x"])
    let y = try #require(values[name + "/y"])
    data = try Dataset(
      examples: x.values, exampleShape: Array(x.shape.dropFirst()),
      labels: y.values.map { Int32($0) }, classCount: 5)
  }

  /// One of the recorded vectors.
  func vector(_ key: String) throws -> [Double] {
    try #require(values["\(name)/\(key)"]).values.map { Double($0) }
  }

  /// A vector over PyTorch's order of tensors, in that of a Hessian.
  func arranged(_ vector: [Double], for hessian: LossHessian) -> [Double] {
    var starts: [String: Int] = [:]
    var start = 0
    for name in names {
      starts[name] = start
      start += weights[name]?.values.count ?? 0
    }
    return hessian.parameters.flatMap { parameter in
      let first = starts[parameter.name] ?? 0
      return vector[first..<first + parameter.count]
    }
  }

  private static func activation(_ name: String) -> Activation {
    switch name {
    case "mlp_tanh": .tanh
    case "mlp_sigmoid": .sigmoid
    case "mlp_softplus": .softplus
    case "mlp_silu": .silu
    case "mlp_gelu": .gelu(approximate: false)
    case "mlp_elu": .elu(alpha: 1)
    default: .leakyRelu(slope: 0.01)
    }
  }
}

/// Builds the graphs of `make_hessians.py`.
struct TorchGraph {
  private var builder: ModelGraph.Builder
  private var last = 0
  private(set) var trained: [String] = []

  init(order: ModelGraph.ChannelOrder) {
    builder = ModelGraph.Builder(source: "test", channelOrder: order)
  }

  func finish() throws -> ModelGraph {
    return try builder.finish(outputs: [last])
  }

  mutating func mlp(_ activation: Activation) throws {
    last = try builder.input(shape: [8])
    try dense("a", 8, 16)
    try add(.activation(activation))
    try dense("b", 16, 12)
    try add(.activation(.relu))
    try dense("c", 12, 5)
  }

  mutating func vgg() throws {
    last = try builder.input(shape: [1, 8, 8])
    for (name, input, output) in [("a", 1, 4), ("b", 4, 8)] {
      try convolution(name, input, output, bias: true)
      try add(.activation(.relu))
      try add(
        .pooling(Pooling(kind: .maximum, size: [2, 2], strides: [2, 2], padding: .valid)))
    }
    try add(.flatten)
    try dense("c", 32, 5)
  }

  mutating func resnet() throws {
    last = try builder.input(shape: [3, 8, 8])
    try normalized("a", "na", 3, 6)
    try add(.activation(.relu))
    var shortcut = last
    try normalized("b", "nb", 6, 6)
    try add(.activation(.relu))
    try normalized("c", "nc", 6, 6)
    last = try builder.add("sum1", .add, inputs: [shortcut, last])
    try add(.activation(.relu))
    let block = last
    try normalized("d", "nd", 6, 8, stride: 2)
    try add(.activation(.relu))
    try normalized("e", "ne", 8, 8)
    let branch = last
    last = block
    try normalized("s", "ns", 6, 8, kernel: 1, stride: 2)
    shortcut = last
    last = try builder.add("sum2", .add, inputs: [shortcut, branch])
    try add(.activation(.relu))
    try add(.globalPooling(.average, keepsAxes: false))
    try dense("h", 8, 5)
  }

  mutating func add(_ operation: Operation) throws {
    last = try builder.add(
      "layer\(builder.graph.layers.count)", operation, inputs: [last])
  }

  mutating func dense(_ name: String, _ input: Int, _ output: Int) throws {
    trained += ["\(name).weight", "\(name).bias"]
    last = try builder.add(
      name, .dense(units: output), inputs: [last],
      parameters: [
        Parameter(
          role: .kernel, tensor: name + ".weight", shape: [output, input], axes: [.output, .input]),
        Parameter(role: .bias, tensor: name + ".bias", shape: [output], axes: [.output]),
      ])
  }

  mutating func convolution(
    _ name: String, _ input: Int, _ output: Int, kernel: Int = 3, stride: Int = 1, bias: Bool
  ) throws {
    let margin = Margin(kernel / 2, kernel / 2)
    var parameters = [
      Parameter(
        role: .kernel, tensor: name + ".weight", shape: [output, input, kernel, kernel],
        axes: [.output, .input, .spatial(0), .spatial(1)])
    ]
    trained.append(name + ".weight")
    if bias {
      trained.append(name + ".bias")
      parameters.append(
        Parameter(role: .bias, tensor: name + ".bias", shape: [output], axes: [.output]))
    }
    last = try builder.add(
      name,
      .convolution(
        Convolution(
          filters: output, kernelSize: [kernel, kernel], strides: [stride, stride],
          dilation: [1, 1], groups: 1, padding: .explicit([margin, margin]))),
      inputs: [last], parameters: parameters)
  }

  private mutating func normalized(
    _ convolution: String, _ name: String, _ input: Int, _ output: Int, kernel: Int = 3,
    stride: Int = 1
  ) throws {
    try self.convolution(convolution, input, output, kernel: kernel, stride: stride, bias: false)
    trained += ["\(name).weight", "\(name).bias"]
    let roles: [(Parameter.Role, String)] = [
      (.gamma, "weight"), (.beta, "bias"), (.movingMean, "running_mean"),
      (.movingVariance, "running_var"),
    ]
    last = try builder.add(
      name, .batchNormalization(epsilon: 1e-5, momentum: 0.9), inputs: [last],
      parameters: roles.map {
        Parameter(role: $0.0, tensor: "\(name).\($0.1)", shape: [output], axes: [.output])
      })
  }
}
