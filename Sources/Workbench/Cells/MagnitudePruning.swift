import ModelGraph
import Tensors

/// Pruning by magnitude (Han et al. 2015): of all weights of a network's kernels together, those of the least
/// magnitude become 0.
enum MagnitudePruning {
  /// Prunes a network. Biases, gains, statistics and tables stay.
  ///
  /// - Parameters:
  ///   - weights: every tensor of the graph.
  ///   - sparsity: the share of the kernels' weights that become 0, rounded down to a whole number of them.
  ///     Of equal magnitudes the first ones do, by the names of tensors and by places.
  /// - Complexity: O(elements).
  static func pruned(_ weights: Weights, of graph: ModelGraph, sparsity: Double) -> Weights {
    precondition((0...1).contains(sparsity), "a sparsity is a share")
    let names = Set(
      graph.parameters.filter { $0.role == .kernel || $0.role == .recurrentKernel }.map(\.tensor)
    ).sorted().filter { weights[$0] != nil }
    let total = names.reduce(0) { $0 + (weights[$1]?.values.count ?? 0) }
    let count = Int(sparsity * Double(total))
    guard count > 0 else { return weights }
    let (bits, ties) = threshold(names.compactMap { weights[$0]?.values }, count: count)
    var left = ties
    var result = weights
    for name in names {
      guard var tensor = result.removeValue(forKey: name) else { continue }
      for index in tensor.values.indices {
        let own = tensor.values[index].magnitude.bitPattern
        guard own <= bits else { continue }
        if own == bits {
          guard left > 0 else { continue }
          left -= 1
        }
        tensor.values[index] = 0
      }
      result[name] = tensor
    }
    return result
  }

  /// The bits of the magnitude of the last one that is pruned, and how many of just this magnitude are: bits
  /// of numbers that are not below 0 are ordered as the numbers are.
  private static func threshold(
    _ values: [[Float]], count: Int
  ) -> (bits: UInt32, ties: Int) {
    func histogram(_ place: (UInt32) -> Int?) -> [Int] {
      var counts = Array(repeating: 0, count: 1 << 16)
      for tensor in values {
        for value in tensor {
          if let place = place(value.magnitude.bitPattern) { counts[place] += 1 }
        }
      }
      return counts
    }
    /// The place of the wanted one, and which it is among those there, from 1.
    func find(_ counts: [Int], _ wanted: Int) -> (place: Int, rank: Int) {
      var rank = wanted
      for (place, own) in counts.enumerated() {
        if rank <= own { return (place, rank) }
        rank -= own
      }
      return (counts.count - 1, rank)
    }
    let (high, rank) = find(histogram { Int($0 >> 16) }, count)
    let (low, ties) = find(histogram { Int($0 >> 16) == high ? Int($0 & 0xFFFF) : nil }, rank)
    return (UInt32(high) << 16 | UInt32(low), ties)
  }
}
