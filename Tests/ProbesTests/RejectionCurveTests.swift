import Testing

@testable import Probes

@Suite struct RejectionCurveTests {
  /// Areas as counted by hand: of the pairs of one known and one unknown model, those in which the unknown
  /// one lies farther off, ties by half.
  private static let cases: [([Double], [Double], Double, Double, Double)] = [
    ([0.2, 0.5], [2.0, 3.0], 1.0, 0.0, 1.0),
    ([2.0, 3.0], [0.2, 0.5], 0.0, 1.0, 0.0),
    ([1.0, 1.0], [1.0], 0.5, 0.0, 0.0),
    ([0.5, 1.5], [1.0, 2.0], 0.75, 0.5, 0.5),
    // Pairs: 0.9 beats 0.1 and 0.4; 0.4 beats 0.1 and ties; infinity beats all: 2 + 1.5 + 3 of 9.
    ([0.1, 0.4, 5.0], [0.9, 0.4, .infinity], 6.5 / 9, 1.0 / 3, 1.0 / 3),
  ]

  @Test(arguments: cases)
  func areas(
    _ known: [Double], _ unknown: [Double], _ area: Double, _ wrong: Double, _ right: Double
  ) throws {
    let curve = try #require(RejectionCurve(known: known, unknown: unknown))
    #expect(abs(curve.area - area) < 1e-12)
    #expect(curve.atRadius.falsePositiveRate == wrong)
    #expect(curve.atRadius.truePositiveRate == right)
    let (first, last) = (try #require(curve.points.first), try #require(curve.points.last))
    #expect(first.falsePositiveRate == 0 && first.truePositiveRate == 0)
    #expect(last.falsePositiveRate == 1 && last.truePositiveRate == 1)
    // What is left out on straight runs takes nothing from the area under the points.
    let trapezoids = zip(curve.points, curve.points.dropFirst()).reduce(0.0) {
      $0 + ($1.1.falsePositiveRate - $1.0.falsePositiveRate)
        * ($1.1.truePositiveRate + $1.0.truePositiveRate) / 2
    }
    #expect(abs(trapezoids - area) < 1e-12)
  }

  @Test func oneSideAloneHasNoCurve() {
    #expect(RejectionCurve(known: [], unknown: [1]) == nil)
    #expect(RejectionCurve(known: [1], unknown: []) == nil)
    #expect(RejectionCurve(known: [.nan], unknown: [1]) == nil)
  }
}
