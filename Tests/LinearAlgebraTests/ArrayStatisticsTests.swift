import LinearAlgebra
import Testing

@Suite("Statistics of a list")
struct ArrayStatisticsTests {
  @Test("the mean, and none of nothing")
  func mean() {
    #expect([1.0, 2, 6].mean == 3)
    #expect([Double]().mean == nil)
  }

  /// The same as `numpy.quantile([1, 2, 4, 8], share)`.
  @Test(
    "quantiles between neighbours",
    arguments: [(0, 1), (0.25, 1.75), (0.5, 3), (0.9, 6.8), (1, 8)] as [(Double, Double)])
  func quantile(share: Double, expected: Double) throws {
    // A rounding of the products.
    let found = try #require([1.0, 2, 4, 8].sortedQuantile(share))
    #expect(abs(found - expected) < 1e-14)
    #expect([Double]().sortedQuantile(share) == nil)
  }
}
