import LinearAlgebra
import WorkbenchCore

/// The trace of a symmetric operator with its standard error.
public struct TraceEstimate: Sendable, Hashable {
  /// How it is found.
  public enum Method: String, Sendable, Hashable, CaseIterable {
    /// The mean of vᵀ·H·v over random vectors of +1 and −1 (Hutchinson 1990).
    case hutchinson
    /// The trace on the space of a random sketch exactly, and Hutchinson's mean on the rest (Meyer,
    /// Musco, Musco and Woodruff, "Hutch++", 2021): far fewer products where few eigenvalues are large.
    case hutchPlusPlus = "hutch++"
    /// The sum of the diagonal, where there are no more rows than products allowed.
    case exact
  }

  /// The estimate.
  public var value: Double
  /// Its standard error; 0 where it is exact.
  public var error: Double
  /// How it was found.
  public var method: Method
  /// How many random vectors the mean is over.
  public var samples: Int
  /// How many products it took.
  public var products: Int
  /// Whether the error met the tolerance.
  public var hasConverged: Bool

  /// Estimates the trace. It stops where the standard error is at most `tolerance` of the estimate, over at
  /// least eight random vectors.
  ///
  /// - Parameters:
  ///   - method: `exact` is taken where it needs no more products than are allowed.
  ///   - tolerance: relative to the estimate.
  ///   - sketch: how many vectors the sketch of Hutch++ has.
  ///   - productLimit: how many products it may take.
  ///   - seed: decides the random vectors; vector k is the same whatever else is asked for.
  /// - Throws: what products throw; `badData` where one is not finite.
  public init(
    of matrix: some SymmetricOperator, method: Method = .hutchPlusPlus, tolerance: Double = 0.02,
    sketch: Int = 10, productLimit: Int = 100, seed: UInt64 = 0
  ) throws {
    let dimension = matrix.dimension
    precondition(dimension > 0 && productLimit > 0)
    let generator = SeededGenerator(seed: seed)
    if method == .exact {
      var sum = 0.0
      for index in 0..<dimension {
        var unit = Array(repeating: 0.0, count: dimension)
        unit[index] = 1
        sum += try matrix.product(unit)[index]
      }
      (value, error, samples, products) = (sum, 0, 0, dimension)
      (self.method, hasConverged) = (.exact, true)
      try check()
      return
    }
    var used = 0
    var basis = OrthonormalBasis(dimension: dimension)
    var known = 0.0
    if method == .hutchPlusPlus {
      let rank = max(1, min(sketch, dimension, (productLimit - 1) / 3))
      for index in 0..<rank {
        var own = generator.derived(1 << 32 | UInt64(index))
        var image = try matrix.product(own.signs(dimension))
        used += 1
        let whole = length(image)
        _ = basis.orthogonalize(&image)
        let rest = length(image)
        // Nothing new but rounding.
        guard rest > 1e-6 * whole else { continue }
        basis.append(image.map { $0 / rest })
      }
      for index in 0..<basis.count {
        let vector = basis[index]
        known += dot(vector, try matrix.product(vector))
        used += 1
      }
    }
    var count = 0
    var mean = 0.0
    var squares = 0.0
    func standardError() -> Double {
      count > 1 ? (squares / Double(count - 1) / Double(count)).squareRoot() : .infinity
    }
    var isDone = basis.count == dimension
    while !isDone, used < productLimit {
      var own = generator.derived(UInt64(count))
      var vector = own.signs(dimension)
      _ = basis.orthogonalize(&vector)
      // The projection is applied on one side only: v has no part along the basis.
      let sample = dot(vector, try matrix.product(vector))
      used += 1
      count += 1
      let step = sample - mean
      mean += step / Double(count)
      squares += step * (sample - mean)
      isDone = count >= 8 && standardError() <= tolerance * abs(known + mean)
    }
    value = known + mean
    error = basis.count == dimension ? 0 : standardError()
    self.method = method
    samples = count
    products = used
    hasConverged = isDone
    try check()
  }

  private func check() throws {
    guard value.isFinite else {
      throw Diagnostic(.badData, "a product with the second derivatives is not finite")
    }
  }
}
