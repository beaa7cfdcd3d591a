import ModelGraph
import Networks
import Support
import Tensors
import Testing

@testable import Connectivity

@Suite("Repairs")
struct RepairTests {
  /// A depthwise convolution, a dense hidden layer and logits, in Keras's order of axes.
  static func plain() throws -> ModelGraph {
    var builder = ModelGraph.Builder(source: "test", channelOrder: .last)
    var last = try builder.input(shape: [2, 2, 2])
    let depthwise = Convolution(
      filters: 4, kernelSize: [2, 2], strides: [1, 1], dilation: [1, 1], groups: 2, padding: .valid)
    last = try builder.add(
      "conv", .convolution(depthwise), inputs: [last],
      parameters: [
        Parameter(
          role: .kernel, tensor: "conv/kernel", shape: [2, 2, 2, 2],
          axes: [.spatial(0), .spatial(1), .input, .multiplier]),
        Parameter(role: .bias, tensor: "conv/bias", shape: [4], axes: [.output]),
      ])
    last = try builder.add("relu", .activation(.relu), inputs: [last])
    last = try builder.add("flatten", .flatten, inputs: [last])
    last = try dense("hidden", 3, from: 4, last, &builder)
    last = try builder.add("hidden/relu", .activation(.relu), inputs: [last])
    last = try dense("logits", 2, from: 3, last, &builder)
    last = try builder.add("softmax", .activation(.softmax), inputs: [last])
    return try builder.finish(outputs: [last])
  }

  static func dense(
    _ name: String, _ units: Int, from width: Int, _ input: Int,
    _ builder: inout ModelGraph.Builder
  ) throws -> Int {
    try builder.add(
      name, .dense(units: units), inputs: [input],
      parameters: [
        Parameter(
          role: .kernel, tensor: name + "/kernel", shape: [width, units], axes: [.input, .output]),
        Parameter(role: .bias, tensor: name + "/bias", shape: [units], axes: [.output]),
      ])
  }

  static func normalized() throws -> ModelGraph {
    var builder = ModelGraph.Builder(source: "test", channelOrder: .last)
    var last = try builder.input(shape: [4])
    last = try dense("hidden", 3, from: 4, last, &builder)
    let roles: [Parameter.Role] = [.gamma, .beta, .movingMean, .movingVariance]
    last = try builder.add(
      "norm", .batchNormalization(epsilon: 1e-3, momentum: 0.9), inputs: [last],
      parameters: roles.map {
        Parameter(role: $0, tensor: "norm/" + $0.rawValue, shape: [3], axes: [.output])
      })
    last = try dense("logits", 2, from: 3, last, &builder)
    return try builder.finish(outputs: [last])
  }

  static func weights(_ graph: ModelGraph, _ salt: Int) -> Weights {
    var weights: Weights = [:]
    for (index, parameter) in graph.parameters.enumerated() {
      let count = parameter.shape.reduce(1, *)
      let values = (0..<count).map { place -> Float in
        let value = Float((place * 37 + index * 11 + salt * 53) % 19 - 9) / 8 + 0.01
        return parameter.role == .movingVariance ? abs(value) + 0.5 : value
      }
      weights[parameter.tensor] = Tensor(shape: parameter.shape, values: values)
    }
    return weights
  }

  /// The norm of each channel of a kernel whose channels are its last `axes` axes.
  private func norms(_ tensor: Tensor?, channels: Int) -> [Double] {
    var sums = Array(repeating: 0.0, count: channels)
    for (index, value) in (tensor?.values ?? []).enumerated() {
      sums[index % channels] += Double(value) * Double(value)
    }
    return sums.map { $0.squareRoot() }
  }

  @Test("rescaled channels have the mean of the norms they are made of; the rest stays")
  func rescaling() throws {
    let graph = try Self.plain()
    let rescaling = try NormRescaling(graph: graph)
    #expect(rescaling.tensors == ["conv/kernel", "hidden/kernel"])
    let (a, b) = (Self.weights(graph, 1), Self.weights(graph, 2))
    for t in [0.25, 0.5] {
      let mixed = LinearPath.point(a, b, at: t)
      let repaired = rescaling.rescaled(mixed, of: [(a, 1 - t), (b, t)])
      for (name, channels) in [("conv/kernel", 4), ("hidden/kernel", 3)] {
        let found = norms(repaired[name], channels: channels)
        let ends = zip(norms(a[name], channels: channels), norms(b[name], channels: channels))
        for (norm, end) in zip(found, ends) {
          // Float32 rounds every element to 6e-8.
          #expect(abs(norm - ((1 - t) * end.0 + t * end.1)) < 1e-6)
        }
        #expect(repaired[name] != mixed[name])
      }
      for name in ["conv/bias", "hidden/bias", "logits/kernel", "logits/bias"] {
        #expect(repaired[name] == mixed[name])
      }
    }
  }

  @Test("at the ends, and of a network with itself, nothing is rescaled")
  func ends() throws {
    let graph = try Self.plain()
    let rescaling = try NormRescaling(graph: graph)
    let (a, b) = (Self.weights(graph, 1), Self.weights(graph, 2))
    #expect(rescaling.rescaled(a, of: [(a, 1), (b, 0)]) == a)
    let same = rescaling.rescaled(a, of: [(a, 0.5), (a, 0.5)])
    for (name, tensor) in a {
      // Elements of about 1 in Float32, times a ratio of norms that rounds, too.
      for (x, y) in zip(tensor.values, same[name]?.values ?? []) { #expect(abs(x - y) < 1e-6) }
    }
  }

  @Test("channels that cancel out are not blown up")
  func cancelling() throws {
    let graph = try Self.plain()
    let a = Self.weights(graph, 1)
    let b = a.mapValues { Tensor(shape: $0.shape, values: $0.values.map { -$0 }) }
    let mixed = LinearPath.point(a, b, at: 0.5)
    let repaired = try NormRescaling(graph: graph).rescaled(mixed, of: [(a, 0.5), (b, 0.5)])
    #expect(repaired["hidden/kernel"]?.values.allSatisfy { $0 == 0 } == true)
  }

  @Test("batch normalisation is not rescaled, nor a network without hidden layers")
  func refusals() throws {
    let normalized = try Self.normalized()
    let error = #expect(throws: Diagnostic.self) { try NormRescaling(graph: normalized) }
    #expect(error?.description.contains("reset") == true)
    var builder = ModelGraph.Builder(source: "test", channelOrder: .last)
    let input = try builder.input(shape: [4])
    let logits = try Self.dense("logits", 2, from: 4, input, &builder)
    let shallow = try builder.finish(outputs: [logits])
    #expect(throws: Diagnostic.self) { try NormRescaling(graph: shallow) }
  }

  @Test("along a path every network is reset, the ends too")
  func reset() async throws {
    let graph = try Self.normalized()
    let data = try Dataset(
      examples: (0..<80).map { Float($0 * 29 % 23) / 7 }, exampleShape: [4],
      labels: (0..<20).map { Int32($0 % 2) })
    let statistics = try BatchStatistics(graph: graph, dataset: data)
    let (a, b) = (Self.weights(graph, 1), Self.weights(graph, 2))
    var seen: [Weights] = []
    let curves = try await LinearPath(from: a, to: b).measure(
      "naive", pointCount: 3, repair: .reset(statistics)
    ) { weights in
      seen.append(weights)
      return [(0, 1)]
    }
    let curve = try #require(curves.first)
    #expect(curve.name == "naive+reset")
    for (t, found) in zip([0, 0.5, 1], seen) {
      #expect(found == (try statistics.reestimated(LinearPath.point(a, b, at: t))))
    }
    // A dense layer's mean output is W·(mean input) + b, whatever t.
    let kernel = try #require(seen[1]["hidden/kernel"]?.values)
    for unit in 0..<3 {
      var mean = Double(try #require(seen[1]["hidden/bias"]?.values[unit]))
      for input in 0..<4 {
        let inputs = stride(from: input, to: 80, by: 4).map { Double(data.examples[$0]) }
        mean += inputs.reduce(0, +) / 20 * Double(kernel[input * 3 + unit])
      }
      #expect(abs(mean - Double(try #require(seen[1]["norm/movingMean"]?.values[unit]))) < 1e-5)
    }
  }
}
