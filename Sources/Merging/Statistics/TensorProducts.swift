import CMerging
import LinearAlgebra

/// Inner products of the tensors of several models, as they are or as differences from the base.
struct TensorProducts {
  /// `products[i][j]`: that of models i and j.
  private(set) var products: [[Double]]

  /// Sums them over all elements, in Float64, always in the same order.
  ///
  /// - Complexity: O(elements · models²).
  init(_ scan: DifferenceScan, modelCount: Int, ofDifferences: Bool) throws {
    let pairs = (0..<modelCount).flatMap { one in (0...one).map { (one, $0) } }
    let parts = try scan.map { tensor, range, workspace in
      var sums = [Double](repeating: 0, count: pairs.count)
      let wanted = Array(0..<modelCount) + (ofDifferences ? [tensor.base] : [])
      try tensor.forEachBlock(of: range, wanted: wanted, in: workspace) { first, count in
        if ofDifferences {
          for model in 0..<modelCount {
            _ = wsl_subtract(workspace.block(model), workspace.block(tensor.base), Int64(count))
          }
        }
        for (place, pair) in pairs.enumerated() {
          sums[place] += wsl_dot(
            workspace.block(pair.0), workspace.block(pair.1), Int64(count))
        }
        if !sums.allSatisfy(\.isFinite) {
          throw tensor.notFinite(at: first, count: count, wanted: wanted)
        }
      }
      return sums
    }
    products = Array(repeating: Array(repeating: 0, count: modelCount), count: modelCount)
    for part in parts {
      for (place, pair) in pairs.enumerated() { products[pair.0][pair.1] += part[place] }
    }
    for (one, other) in pairs { products[other][one] = products[one][other] }
  }

  /// The cosine of two models; nil where one is zero.
  func cosine(_ one: Int, _ other: Int) -> Double? {
    let norms = products[one][one].squareRoot() * products[other][other].squareRoot()
    return norms > 0 ? min(1, max(-1, products[one][other] / norms)) : nil
  }
}
