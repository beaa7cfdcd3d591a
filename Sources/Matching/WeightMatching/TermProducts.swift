import LinearAlgebra

/// Brings a group's costs (minus the inner products of its units) up to date, term by term.
///
/// The products are summed in Float32: the inputs are Float32, the error of a product is about 10⁻⁷
/// of the units' norms, and every step that they suggest is confirmed in Float64 before it is taken.
struct TermProducts: Sendable {
  /// How many features are gathered at once: enough for a good matrix product, little enough for the
  /// second-level cache.
  private static let chunkSize = 256

  private let units: Int
  private var left: [Float] = []
  private var right: [Float] = []

  /// Makes room for groups of a size.
  init(units: Int) {
    self.units = units
  }

  /// Subtracts all of a term's inner products.
  ///
  /// - Parameter rows: B's row for every feature.
  /// - Complexity: 2·features·units² operations.
  mutating func subtractAll(_ term: MatchingTerm, rows: [Int32], from costs: inout [Float]) {
    let isInOrder = rows.enumerated().allSatisfy { $0 == Int($1) }
    term.a.withUnsafeBufferPointer { a in
      term.b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        if isInOrder {
          subtract(a, b, count: term.featureCount, from: &costs)
          return
        }
        for start in stride(from: 0, to: rows.count, by: Self.chunkSize) {
          let count = min(Self.chunkSize, rows.count - start)
          reserve()
          right.withUnsafeMutableBufferPointer { right in
            guard let to = right.baseAddress else { return }
            for index in 0..<count {
              (to + index * units).update(
                from: b + Int(rows[start + index]) * units, count: units)
            }
          }
          right.withUnsafeBufferPointer { right in
            guard let right = right.baseAddress else { return }
            subtract(a + start * units, right, count: count, from: &costs)
          }
        }
      }
    }
  }

  /// Subtracts all inner products of A's features with others in B's place.
  ///
  /// - Parameter b: as many features as the term has, in A's order.
  mutating func subtractAll(_ term: MatchingTerm, b: [Float], from costs: inout [Float]) {
    precondition(b.count == term.a.count, "B's features must fill the term")
    term.a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        subtract(a, b, count: term.featureCount, from: &costs)
      }
    }
  }

  /// Subtracts what changes in a term's inner products when some features take other rows of B.
  ///
  /// - Parameters:
  ///   - features: the features that take another row.
  ///   - old: B's row for every feature, as counted so far.
  ///   - new: B's row for every feature, from now on.
  /// - Complexity: 2·changed features·units² operations.
  mutating func subtractChanges(
    _ term: MatchingTerm, features: [Int32], old: [Int32], new: [Int32], from costs: inout [Float]
  ) {
    term.a.withUnsafeBufferPointer { a in
      term.b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        for start in stride(from: 0, to: features.count, by: Self.chunkSize) {
          let count = min(Self.chunkSize, features.count - start)
          reserve()
          left.withUnsafeMutableBufferPointer { left in
            right.withUnsafeMutableBufferPointer { right in
              guard let left = left.baseAddress, let right = right.baseAddress else { return }
              for index in 0..<count {
                let feature = Int(features[start + index])
                (left + index * units).update(from: a + feature * units, count: units)
                Self.subtract(
                  b + Int(new[feature]) * units, b + Int(old[feature]) * units,
                  to: right + index * units, count: units)
              }
            }
          }
          left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
              guard let left = left.baseAddress, let right = right.baseAddress else { return }
              subtract(left, right, count: count, from: &costs)
            }
          }
        }
      }
    }
  }

  private mutating func reserve() {
    if right.isEmpty {
      left = Array(repeating: 0, count: Self.chunkSize * units)
      right = left
    }
  }

  private static func subtract(
    _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    var index = 0
    while index < count {
      target[index] = first[index] - second[index]
      index &+= 1
    }
  }

  private func subtract(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, count: Int,
    from costs: inout [Float]
  ) {
    costs.withUnsafeMutableBufferPointer { costs in
      guard let base = costs.baseAddress else { return }
      BLAS.multiply(
        MatrixView(base: left, rows: count, columns: units), transposingLeft: true,
        MatrixView(base: right, rows: count, columns: units),
        into: MutableMatrixView(base: base, rows: units, columns: units), scale: -1, keeping: 1)
    }
  }
}
