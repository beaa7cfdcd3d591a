public import ModelGraph
import Support
import Synchronization
public import Tensors

/// A network with its weights, ready to run.
public final class Network: Sendable {
  /// The output of one layer for some examples.
  public struct Capture: Sendable, Hashable {
    /// The shape of one example's output, in the model's own axis order.
    public var shape: [Int]
    /// The outputs one after another.
    public var values: [Float]
  }

  /// The shape of one example of the input, in the model's own axis order.
  public let inputShape: [Int]
  /// The shape of one example of the output.
  public let outputShape: [Int]
  private let pool: ProgramPool
  private let captures: [String]

  /// Compiles a graph and loads its weights.
  ///
  /// - Parameters:
  ///   - graph: the network.
  ///   - weights: every tensor of the graph, in the layout of its file.
  ///   - batchSize: how many examples are computed at once.
  ///   - inputShape: the shape of one example, where the graph leaves a length open.
  ///   - captures: names of layers whose outputs `capture` returns.
  ///   - jobs: how many batches run side by side; nil means one a processor.
  /// - Throws: `Diagnostic` where the graph cannot be run or a tensor does not fit.
  public init(
    graph: ModelGraph, weights: Weights, batchSize: Int = 256, inputShape: [Int]? = nil,
    captures: [String] = [], jobs: Int? = nil
  ) throws {
    pool = try ProgramPool(
      graph: graph, batchSize: batchSize,
      options: ProgramOptions(captures: captures, inputShape: inputShape), jobs: jobs,
      expectedCount: nil)
    self.inputShape = pool.inputShape
    outputShape = pool.outputShape
    self.captures = captures
    _ = try pool.run(weights: weights, inputs: [], count: 0) { _, _ in 0 }
  }

  /// Takes other weights of the same graph.
  public func load(_ weights: Weights) throws {
    _ = try pool.run(weights: weights, inputs: [], count: 0) { _, _ in 0 }
  }

  /// The outputs for some examples, one after another.
  ///
  /// - Parameters:
  ///   - inputs: the examples one after another, each of `inputShape`.
  ///   - count: how many there are.
  /// - Throws: `Diagnostic` where the inputs are not so many.
  public func forward(_ inputs: [Float], count: Int) throws -> [Float] {
    try check(inputs, count: count)
    let size = outputShape.reduce(1, *)
    let parts = try pool.run(weights: nil, inputs: inputs, count: count) { program, range in
      Array(program.outputs[..<(range.count * size)])
    }
    return parts.flatMap { $0 }
  }

  /// The outputs of the layers that were named when the network was made.
  ///
  /// - Throws: `Diagnostic` where the inputs are not `count` examples.
  public func capture(_ inputs: [Float], count: Int) throws -> [String: Capture] {
    try check(inputs, count: count)
    let names = captures
    let parts = try pool.run(weights: nil, inputs: inputs, count: count) { program, range in
      names.map { name -> Capture in
        guard let layer = program.captured(name) else { return Capture(shape: [], values: []) }
        let size = layer.shape.reduce(1, *)
        return Capture(shape: layer.shape, values: Array(layer.values[..<(range.count * size)]))
      }
    }
    var result: [String: Capture] = [:]
    for (index, name) in names.enumerated() {
      result[name] = Capture(
        shape: parts.first?[index].shape ?? [], values: parts.flatMap { $0[index].values })
    }
    return result
  }

  private func check(_ inputs: [Float], count: Int) throws {
    guard count >= 0, inputs.count == count * inputShape.reduce(1, *) else {
      throw Diagnostic(
        .usage, "\(inputs.count) numbers are not \(count) examples of \(inputShape)")
    }
  }
}
