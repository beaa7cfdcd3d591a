public import Tensors

/// The weighted mean of networks.
public enum WeightedMean {
  /// `Σ share · weights`, every tensor, summed in Float64 in the order given and rounded once.
  /// A single network with a share of 1 is returned as it is.
  ///
  /// - Precondition: all have the tensors of the first, with the same shapes.
  /// - Complexity: O(parameters · networks).
  public static func mean(of sources: [(weights: Weights, share: Double)]) -> Weights {
    let present = sources.filter { $0.share != 0 }
    guard let first = present.first else { return sources.first?.weights ?? [:] }
    if present.count == 1, first.share == 1 { return first.weights }
    return Dictionary(
      uniqueKeysWithValues: first.weights.map { name, tensor in
        var sums = Array(repeating: 0.0, count: tensor.values.count)
        for source in present {
          guard let other = source.weights[name] else {
            preconditionFailure("\(name) is not in every network")
          }
          precondition(other.shape == tensor.shape, "\(name) has several shapes")
          add(other.values, times: source.share, to: &sums)
        }
        return (name, Tensor(shape: tensor.shape, values: sums.map { Float($0) }))
      })
  }

  private static func add(_ values: [Float], times share: Double, to sums: inout [Double]) {
    let source = values.span
    var target = sums.mutableSpan
    for index in source.indices { target[index] += share * Double(source[index]) }
  }
}
