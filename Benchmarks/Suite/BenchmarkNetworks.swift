import ModelGraph

/// The networks whose training is timed, in PyTorch's order of axes.
struct BenchmarkNetworks {
  private var builder = ModelGraph.Builder(source: "benchmark", channelOrder: .first)

  /// 784-512-512-512-10, ReLU.
  static func perceptron() throws -> ModelGraph {
    var maker = BenchmarkNetworks()
    var last = try maker.builder.input(shape: [784])
    for _ in 0..<3 { last = try maker.add(.activation(.relu), try maker.dense(512, last)) }
    last = try maker.dense(10, last)
    return try maker.builder.finish(outputs: [last])
  }

  /// Three stages of two 3×3 convolutions of 32, 64 and 128 channels, on 32 × 32.
  static func vgg() throws -> ModelGraph {
    var maker = BenchmarkNetworks()
    var last = try maker.builder.input(shape: [3, 32, 32])
    for width in [32, 64, 128] {
      for _ in 0..<2 {
        last = try maker.add(.activation(.relu), try maker.normalized(width, 3, last))
      }
      last = try maker.add(
        .pooling(Pooling(kind: .maximum, size: [2, 2], strides: [2, 2], padding: .valid)), last)
    }
    last = try maker.add(.flatten, last)
    last = try maker.dense(10, last)
    return try maker.builder.finish(outputs: [last])
  }

  /// ResNet-20 for CIFAR, with 1×1 convolutions as the narrowing shortcuts.
  static func residual() throws -> ModelGraph {
    var maker = BenchmarkNetworks()
    var last = try maker.builder.input(shape: [3, 32, 32])
    last = try maker.add(.activation(.relu), try maker.normalized(16, 3, last))
    for (stage, width) in [16, 32, 64].enumerated() {
      for block in 0..<3 {
        let stride = stage > 0 && block == 0 ? 2 : 1
        let side = stride == 2 ? try maker.normalized(width, 1, stride: 2, last) : last
        last = try maker.add(
          .activation(.relu), try maker.normalized(width, 3, stride: stride, last))
        last = try maker.normalized(width, 3, last)
        last = try maker.add(.activation(.relu), try maker.add(.add, last, side))
      }
    }
    last = try maker.add(.globalPooling(.average, keepsAxes: false), last)
    last = try maker.dense(10, last)
    return try maker.builder.finish(outputs: [last])
  }

  private var fresh: String { "layer\(builder.graph.layers.count)" }

  private mutating func add(_ operation: Operation, _ inputs: Int...) throws -> Int {
    try builder.add(fresh, operation, inputs: inputs)
  }

  private mutating func dense(_ units: Int, _ input: Int) throws -> Int {
    let name = fresh
    let width = builder.shape(of: input).compactMap { $0 }.reduce(1, *)
    return try builder.add(
      name, .dense(units: units), inputs: [input],
      parameters: [
        Parameter(
          role: .kernel, tensor: name + ".weight", shape: [units, width], axes: [.output, .input]),
        Parameter(role: .bias, tensor: name + ".bias", shape: [units], axes: [.output]),
      ])
  }

  /// A convolution without bias, and batch normalisation.
  private mutating func normalized(
    _ filters: Int, _ side: Int, stride: Int = 1, _ input: Int
  ) throws -> Int {
    let name = fresh
    let channels = builder.channels(of: input) ?? 0
    let margin = Margin(side / 2, side / 2)
    let convolution = Convolution(
      filters: filters, kernelSize: [side, side], strides: [stride, stride], dilation: [1, 1],
      groups: 1, padding: .explicit([margin, margin]))
    let result = try builder.add(
      name, .convolution(convolution), inputs: [input],
      parameters: [
        Parameter(
          role: .kernel, tensor: name + ".weight", shape: [filters, channels, side, side],
          axes: [.output, .input, .spatial(0), .spatial(1)])
      ])
    let norm = fresh
    let roles: [Parameter.Role] = [.gamma, .beta, .movingMean, .movingVariance]
    return try builder.add(
      norm, .batchNormalization(epsilon: 1e-5, momentum: 0.9), inputs: [result],
      parameters: roles.map {
        Parameter(role: $0, tensor: norm + "." + $0.rawValue, shape: [filters], axes: [.output])
      })
  }
}
