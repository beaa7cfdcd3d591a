public import ModelGraph
import Support
public import Tensors

/// The mean and the standard deviation of every channel of a layer's output over data.
public struct ChannelStatistics: Sendable, Hashable {
  /// The means.
  public var means: [Double]
  /// The standard deviations, the squares divided by the number of samples.
  public var deviations: [Double]

  /// Makes statistics.
  public init(means: [Double], deviations: [Double]) {
    self.means = means
    self.deviations = deviations
  }

  /// Measures layers of a network, over all examples and positions.
  ///
  /// The moments of every batch are taken around its own means and pooled in Float64, so that
  /// nothing cancels.
  ///
  /// - Parameters:
  ///   - layers: the names of the layers.
  ///   - batchSize: how many examples are held at once, with the layers' outputs.
  ///   - jobs: how many threads run the network; the result does not depend on it.
  /// - Throws: `Diagnostic` where the network cannot be run or the data do not fit.
  /// - Complexity: a forward pass over the data.
  public static func measure(
    graph: ModelGraph, weights: Weights, layers: [String], on dataset: Dataset,
    batchSize: Int = 512, jobs: Int? = nil
  ) throws -> [String: ChannelStatistics] {
    let network = try Network(
      graph: graph, weights: weights, batchSize: min(128, batchSize),
      inputShape: graph.inputShape(for: dataset.exampleShape), captures: layers, jobs: jobs)
    let data = try dataset.adapted(to: network.inputShape, for: graph)
    var sets = layers.map { _ in [ChannelMoments]() }
    for start in stride(from: 0, to: data.count, by: batchSize) {
      let end = min(data.count, start + batchSize)
      let inputs = Array(data.examples[start * data.exampleSize..<end * data.exampleSize])
      let captured = try network.capture(inputs, count: end - start)
      let parts = try Parallel.map(count: layers.count, jobs: jobs) { index in
        guard let capture = captured[layers[index]] else {
          throw Diagnostic(.failed, "the layer's output was not kept", at: [layers[index]])
        }
        return ChannelMoments(capture, channelOrder: graph.channelOrder)
      }
      for (index, part) in parts.enumerated() { sets[index].append(part) }
    }
    var result: [String: ChannelStatistics] = [:]
    for (layer, set) in zip(layers, sets) {
      let pooled = PooledMoments(set)
      result[layer] = ChannelStatistics(
        means: pooled.means, deviations: pooled.variances.map { $0.squareRoot() })
    }
    return result
  }
}

extension ChannelMoments {
  /// The moments of a layer's outputs for some examples.
  fileprivate init(_ capture: Network.Capture, channelOrder: ModelGraph.ChannelOrder) {
    let isFirst = channelOrder == .first && capture.shape.count > 1
    let channels = (isFirst ? capture.shape.first : capture.shape.last) ?? 0
    let inner = isFirst ? capture.shape.dropFirst().reduce(1, *) : 1
    var means = Array(repeating: 0.0, count: channels)
    var squares = means
    let span = capture.values.span
    let samples = channels > 0 ? span.count / channels : 0
    let share = 1 / Double(max(1, samples))
    for index in span.indices { means[index / inner % channels] += Double(span[index]) }
    for channel in means.indices { means[channel] *= share }
    for index in span.indices {
      let channel = index / inner % channels
      let distance = Double(span[index]) - means[channel]
      squares[channel] += distance * distance
    }
    self.init(
      meanTensor: "", varianceTensor: "", means: means.map { Float($0) },
      variances: squares.map { Float($0 * share) }, sampleCount: samples)
  }
}
