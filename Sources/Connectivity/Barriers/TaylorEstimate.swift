public import WeightFiles

/// What the loss's slopes and curvatures at the two ends of a line say about the barrier between
/// them: the Taylor estimate of Ito, Yamada and Kumagai (ICLR 2025, theorem 3.1), at the middle.
///
/// With μ = B − A and φ(t) the loss at A + tμ, expanding φ to the second order at both ends and
/// weighing the two by nearness gives `B(½) ≈ ¼(φ'(0) − φ'(1)) + (φ''(0) + φ''(1))/16`, where
/// `φ' = μ·∇L` and `φ'' = μᵀHμ`. Only these four numbers are needed, and differences of the loss
/// on the line itself give them without a gradient or a Hessian.
public struct TaylorEstimate: Sendable, Hashable {
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
  ///   - loss: the loss of a network.
  public init(
    from a: Weights, to b: Weights, step: Double = 0.01,
    loss: (Weights) async throws -> Double
  ) async throws {
    precondition(step > 0, "differences are taken over a distance")
    func derivatives(at end: Double) async throws -> (value: Double, first: Double, second: Double)
    {
      var values: [Double] = []
      for offset in -2...2 {
        let t = offset == 0 ? end : end + Double(offset) * step
        values.append(try await loss(LinearPath.point(a, b, at: t)))
      }
      let (outer, inner) = (values[0] + values[4], values[1] + values[3])
      let first = (8 * (values[3] - values[1]) - (values[4] - values[0])) / (12 * step)
      let second = (16 * inner - outer - 30 * values[2]) / (12 * step * step)
      return (values[2], first, second)
    }
    let start = try await derivatives(at: 0)
    let end = try await derivatives(at: 1)
    let middle = try await loss(LinearPath.point(a, b, at: 0.5))
    (slopeA, curvatureA) = (start.first, start.second)
    (slopeB, curvatureB) = (end.first, end.second)
    trueBarrier = middle - (start.value + end.value) / 2
  }
}
