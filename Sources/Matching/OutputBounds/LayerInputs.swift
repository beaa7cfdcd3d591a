import LinearAlgebra
public import ModelGraph
public import Networks
import Support
public import Tensors

/// What the kernels of a network read on data: a sample of their inputs as vectors.
///
/// A vector has an entry a column of the kernel as the matrix [outputs, everything else]: the
/// features of one example and position, or the patch under a convolution's window.
public struct LayerInputs: Sendable {
  /// The vectors of each kernel, a row each, by the tensor's name. Kernels whose inputs cannot be told
  /// (grouped convolutions, tensors that several layers share) are not among them.
  let vectors: [String: Matrix<Double>]

  /// Runs a network and keeps what its kernels read.
  ///
  /// - Parameters:
  ///   - graph: the network's graph.
  ///   - weights: its weights.
  ///   - dataset: the examples.
  ///   - limit: how many vectors a kernel has at most: one an example, at a random position.
  ///   - seed: decides which examples and positions.
  /// - Throws: `Diagnostic` where the network cannot be run or the data do not fit.
  /// - Complexity: a forward pass over `limit` examples.
  public init(
    graph: ModelGraph, weights: Weights, on dataset: Dataset, limit: Int = 512, seed: UInt64 = 0,
    jobs: Int? = nil
  ) throws {
    let examples = dataset.sample(limit, seed: seed)
    let readers = Self.readers(of: graph)
    let sources = Set(readers.compactMap { $0.inputs.first.map { graph.layers[$0].name } }).sorted()
    let network = try Network(
      graph: graph, weights: weights, batchSize: 64,
      inputShape: graph.inputShape(for: examples.exampleShape), captures: sources, jobs: jobs)
    let data = try examples.adapted(to: network.inputShape, for: graph)
    var vectors: [String: Matrix<Double>] = [:]
    // A few examples at a time, so that maps of large networks are not all held.
    let batch = 64
    for start in stride(from: 0, to: data.count, by: batch) {
      let end = min(data.count, start + batch)
      let captures = try network.capture(
        Array(data.examples[start * data.exampleSize..<end * data.exampleSize]), count: end - start)
      for layer in readers {
        guard let kernel = layer.parameter(.kernel), let input = layer.inputs.first,
          let capture = captures[graph.layers[input].name],
          let window = InputWindow(
            layer, kernel: kernel, input: capture.shape, channelOrder: graph.channelOrder)
        else { continue }
        var generator = SeededGenerator(seed: seed).derived(UInt64(start))
        var known = vectors[kernel.tensor] ?? Matrix(rows: 0, columns: window.width, values: [])
        vectors[kernel.tensor] = nil
        known.values.reserveCapacity(data.count * window.width)
        let size = capture.shape.reduce(1, *)
        for example in 0..<end - start {
          window.append(capture.values, at: example * size, to: &known.values, using: &generator)
        }
        vectors[kernel.tensor] = Matrix(
          rows: known.rows + end - start, columns: window.width, values: known.values)
      }
    }
    self.vectors = vectors
  }

  /// The layers that read their inputs by a kernel of their own.
  private static func readers(of graph: ModelGraph) -> [Layer] {
    let kernels = Set(graph.kernels.map(\.tensor))
    return graph.layers.filter { layer in
      guard let kernel = layer.parameter(.kernel), kernels.contains(kernel.tensor),
        layer.inputs.count == 1
      else { return false }
      let users = graph.layers.count { $0.parameters.contains { $0.tensor == kernel.tensor } }
      switch layer.operation {
      case .dense: return users == 1
      case .convolution(let convolution): return users == 1 && convolution.groups == 1
      default: return false
      }
    }
  }
}
