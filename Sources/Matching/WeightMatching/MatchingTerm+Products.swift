import LinearAlgebra

/// A group's costs are minus the inner products of its units; a term brings them up to date.
///
/// The products are summed in Float32: the inputs are Float32, the error of a product is about 10⁻⁷
/// of the units' norms, and every step that they suggest is confirmed in Float64 before it is taken.
extension MatchingTerm {
  /// How many features are gathered at once: enough for a good matrix product, little enough for the
  /// second-level cache.
  private static let chunkSize = 256

  /// Subtracts all inner products.
  ///
  /// - Parameters:
  ///   - sources: where B's features begin.
  ///   - b: the tensor to take in B's place; nil for B.
  ///   - costs: units × units.
  /// - Complexity: 2·features·units² operations.
  func subtractProducts(_ sources: [Int], b other: [Float]? = nil, from costs: inout [Float]) {
    precondition(sources.count == features.count, "every feature has a source")
    let second = other ?? b
    precondition(second.count == a.count, "B's tensor must be as large as A's")
    let isWhole = rowStride(of: features[...]) != nil && rowStride(of: sources[...]) != nil
    let size = isWhole ? features.count : Self.chunkSize
    var (left, right) = (FeatureScratch(), FeatureScratch())
    a.withUnsafeBufferPointer { a in
      second.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        for start in stride(from: 0, to: features.count, by: max(1, size)) {
          let chunk = start..<min(start + size, features.count)
          left.withFeatures(features[chunk], of: self, a) { left in
            right.withFeatures(sources[chunk], of: self, b) { right in
              subtract(left, right, from: &costs)
            }
          }
        }
      }
    }
  }

  /// Subtracts what changes in the inner products when B's features begin elsewhere.
  ///
  /// - Parameters:
  ///   - old: where B's features begin, as counted so far.
  ///   - new: where they begin from now on.
  ///   - costs: units × units.
  /// - Complexity: 2·changed features·units² operations.
  func subtractChanges(old: [Int], new: [Int], from costs: inout [Float]) {
    let changed = features.indices.filter { old[$0] != new[$0] }
    var (left, right) = (FeatureScratch(), FeatureScratch())
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        for start in stride(from: 0, to: changed.count, by: Self.chunkSize) {
          let chunk = changed[start..<min(start + Self.chunkSize, changed.count)]
          left.withFeatures(chunk.map { features[$0] }[...], of: self, a) { left in
            right.withDifferences(chunk.map { (new[$0], old[$0]) }, of: self, b) { right in
              subtract(left, right, from: &costs)
            }
          }
        }
      }
    }
  }

  private func subtract(
    _ left: MatrixView<Float>, _ right: MatrixView<Float>, from costs: inout [Float]
  ) {
    costs.withUnsafeMutableBufferPointer { costs in
      guard let base = costs.baseAddress else { return }
      BLAS.multiply(
        left, transposingLeft: unitStride == 1, right, transposingRight: unitStride != 1,
        into: MutableMatrixView(base: base, rows: units, columns: units), scale: -1, keeping: 1)
    }
  }

  /// The shape of features as a matrix: features × units where a feature's units follow each other,
  /// else units × features.
  func matrixShape(featureCount: Int) -> (rows: Int, columns: Int) {
    unitStride == 1 ? (featureCount, units) : (units, featureCount)
  }

  /// The distance of rows where features are a matrix as they lie in the tensor; nil where not.
  func rowStride(of features: ArraySlice<Int>) -> Int? {
    guard let first = features.first else { return nil }
    if unitStride > 1 {
      let isConsecutive = zip(features, first...).allSatisfy { $0 == $1 }
      return isConsecutive && features.count <= unitStride ? unitStride : nil
    }
    guard let second = features.dropFirst().first else { return units }
    let step = second - first
    guard step >= units else { return nil }
    let isEven = zip(features.dropFirst(), features).allSatisfy { $0 - $1 == step }
    return isEven ? step : nil
  }
}
