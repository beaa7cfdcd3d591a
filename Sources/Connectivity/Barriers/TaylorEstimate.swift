public import Tensors

/// What the loss's slopes and curvatures at the two ends of a line say about the barrier between
/// them: the Taylor estimate of Ito, Yamada and Kumagai (ICLR 2025, theorem 3.1), at the middle.
///
/// With μ = B − A and φ(t) the loss at A + tμ, expanding φ to the second order at both ends and
/// weighing the two by nearness gives `B(½) ≈ ¼(φ'(0) − φ'(1)) + (φ''(0) + φ''(1))/16`, where
/// `φ' = μ·∇L` and `φ'' = μᵀHμ`. Only these four numbers are needed, and differences of the loss
/// on the line itself give them without a gradient or a Hessian.
public struct TaylorEstimate: Sendable {
  /// `μ·∇L` at each end.
  public var slopes: (a: Double, b: Double) { (slopeA, slopeB) }
  /// `μᵀHμ` at each end.
  public var curvatures: (a: Double, b: Double) { (curvatureA, curvatureB) }
  /// The estimate of the barrier at the middle.
  public var barrier: Double { (slopeA - slopeB) / 4 + (curvatureA + curvatureB) / 16 }
  /// The barrier at the middle as it is: `L(½) − ½(L(0) + L(1))`.
  public var trueBarrier: Double

  private let slopeA: Double
  private let slopeB: Double
  private let curvatureA: Double
  private let curvatureB: Double

  /// Measures the loss at eleven places: the ends, the middle, and four around each end.
  ///
  /// The differences are central ones of the fourth order. A step of 0.01 leaves an error of
  /// rounding of about 1e-3 in the curvature with losses of Float32 networks, and spans few of the
  /// kinks that ReLU has.
  ///
  /// - Parameters:
  ///   - a: the network at t = 0.
  ///   - b: the network at t = 1.
  ///   - step: how far apart the places are; some lie outside of the line, by up to twice as much.
  ///   - losses: the losses of a network on each data set of interest.
  /// - Returns: an estimate for each data set.
  public static func measure(
    from a: Weights, to b: Weights, step: Double = 0.01,
    losses: (Weights) async throws -> [Double]
  ) async throws -> [TaylorEstimate] {
    precondition(step > 0, "differences are taken over a distance")
    func around(_ end: Double) async throws -> [[Double]] {
      var values: [[Double]] = []
      for offset in -2...2 {
        let t = offset == 0 ? end : end + Double(offset) * step
        values.append(try await losses(LinearPath.point(a, b, at: t)))
      }
      return values
    }
    let start = try await around(0)
    let end = try await around(1)
    let middle = try await losses(LinearPath.point(a, b, at: 0.5))
    return middle.indices.map { part in
      let first = Derivatives(start.map { $0[part] }, step: step)
      let last = Derivatives(end.map { $0[part] }, step: step)
      return TaylorEstimate(
        trueBarrier: middle[part] - (first.value + last.value) / 2, slopeA: first.first,
        slopeB: last.first, curvatureA: first.second, curvatureB: last.second)
    }
  }

  private init(
    trueBarrier: Double, slopeA: Double, slopeB: Double, curvatureA: Double, curvatureB: Double
  ) {
    self.trueBarrier = trueBarrier
    self.slopeA = slopeA
    self.slopeB = slopeB
    self.curvatureA = curvatureA
    self.curvatureB = curvatureB
  }

  /// A value and two derivatives from five values at equal distances.
  private struct Derivatives {
    let value: Double
    let first: Double
    let second: Double

    init(_ values: [Double], step: Double) {
      let (outer, inner) = (values[0] + values[4], values[1] + values[3])
      value = values[2]
      first = (8 * (values[3] - values[1]) - (values[4] - values[0])) / (12 * step)
      second = (16 * inner - outer - 30 * values[2]) / (12 * step * step)
    }
  }
}
