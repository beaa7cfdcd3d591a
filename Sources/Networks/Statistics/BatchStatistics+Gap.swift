import Foundation
import ModelGraph
import Tensors

extension BatchStatistics {
  /// How far the statistics of what the first batch normalisation reads are from those that it ran with
  /// in training: the median over its channels of the logarithm of the variances' ratio, and of the means'
  /// distance in deviations, added.
  ///
  /// A trained network on what it was trained on is below 0.1. What it reads there is computed from the
  /// inputs by a few linear layers, so that this speaks of the inputs.
  ///
  /// - Returns: the layer and the gap; nil where there is no such layer.
  /// - Throws: `Diagnostic` where the network cannot be run or a tensor is missing.
  static func gap(
    graph: ModelGraph, weights: Weights, on dataset: Dataset, jobs: Int? = nil
  ) throws -> (layer: String, gap: Double)? {
    for layer in graph.layers {
      guard let mean = layer.parameter(.movingMean)?.tensor,
        let variance = layer.parameter(.movingVariance)?.tensor,
        let means = weights[mean]?.values, let variances = weights[variance]?.values
      else { continue }
      let measured = try reestimated(graph: graph, weights: weights, on: dataset, jobs: jobs)
      guard let ownMeans = measured[mean]?.values, let ownVariances = measured[variance]?.values
      else { return nil }
      func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
      }
      let floor = 1e-12
      let spreads = zip(variances, ownVariances).map { run, own in
        abs(log(max(Double(own), floor) / max(Double(run), floor)))
      }
      let shifts = means.indices.map { channel in
        abs(Double(ownMeans[channel] - means[channel]))
          / max(Double(variances[channel]), floor).squareRoot()
      }
      return (layer.name, median(spreads) + median(shifts))
    }
    return nil
  }
}
