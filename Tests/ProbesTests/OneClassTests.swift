import LinearAlgebra
import Testing

@testable import Probes

@Suite("One class of known models")
struct OneClassTests {
  /// The numbers of `sklearn.covariance.LedoitWolf` (scikit-learn 1.9.1) for the same matrix, and of NumPy
  /// for the mean distance from the two nearest rows.
  @Test func scoresAreThoseOfScikitLearn() throws {
    let scales: [Float] = [8, 1, 1, 0.5]
    let known = Matrix<Float>(rows: 7, columns: 4) { row, column in
      Float((row * 13 + column * 7 + row * column * 5) % 11) / 4 * scales[column]
    }
    let found = try #require(try OneClass(known))
    #expect(abs(found.shrinkage - 0.13937431061313962) < 1e-12)
    let expected = [
      (own: [1.0, 2, 0.5, 3], mahalanobis: 2.20911651, nearest: 2.7686991),
      (own: [5, -1, 2, 0.25], mahalanobis: 1.86226364, nearest: 3.01968002),
    ]
    for one in expected {
      let scores = found.scores(of: one.own)
      #expect(abs(scores.mahalanobis - one.mahalanobis) < 1e-7)
      #expect(abs(scores.nearest - one.nearest) < 1e-7)
    }
  }

  /// More numbers than models: the covariance has no inverse, and the shrunk one has.
  @Test func widerThanLong() throws {
    let known = Matrix<Float>(rows: 4, columns: 9) { Float(($0 * 5 + $1 * $1) % 7) }
    let found = try #require(try OneClass(known))
    let near = found.scores(of: (0..<9).map { Double(known[1, $0]) })
    let far = found.scores(of: Array(repeating: 50, count: 9))
    #expect(near.mahalanobis.isFinite && near.mahalanobis < far.mahalanobis)
    #expect(near.nearest < far.nearest)
  }

  @Test func nothingIsKnownOfEqualModelsAndOfFew() throws {
    #expect(try OneClass(Matrix<Float>(rows: 5, columns: 2) { _, _ in 3 }) == nil)
    #expect(try OneClass(Matrix<Float>(rows: 2, columns: 2) { Float($0 + $1) }) == nil)
  }

  /// Two directions of variance 16 and 1 (before division by the number of models), found in order.
  @Test func planeIsThatOfThePrincipalComponents() throws {
    let places: [(Float, Float)] = [(4, 0), (-4, 0), (0, 1), (0, -1), (0, 0)]
    // Turned by a rotation of (0.6, 0.8), beside two elements that never differ.
    let values = places.flatMap { (x: Float, y: Float) -> [Float] in
      [0.6 * x - 0.8 * y, 7, 0.8 * x + 0.6 * y, -2]
    }
    let input = ProbeInput(stack: LayerStack<Float>(rows: 2, columns: 2, values: values))
    let plane = try #require(try LayerPlane(input, jobs: 1))
    for (point, place) in zip(plane.points, places) {
      #expect(abs(abs(point.x) - Double(abs(place.0))) < 1e-5)
      #expect(abs(abs(point.y) - Double(abs(place.1))) < 1e-5)
    }
    #expect(abs(plane.shares.x - 32.0 / 34) < 1e-6)
    let equal = ProbeInput(
      stack: LayerStack<Float>(rows: 1, columns: 1, values: [2, 2, 2, 2]))
    #expect(try LayerPlane(equal, jobs: 1) == nil)
  }
}
