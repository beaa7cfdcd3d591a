import LinearAlgebra
import Testing

@Suite("Correlation with its interval")
struct CorrelationTests {
  private static let x: [Double] = [1, 2, 3, 4, 5, 6, 7, 8]
  private static let y = [2.1, 1.9, 3.5, 3.0, 5.2, 4.8, 9.0, 7.5]

  /// Coefficients and Fisher's interval as scipy.stats.pearsonr and spearmanr 1.x give them; Bonett and
  /// Wright's by their formula in NumPy.
  @Test func asSciPyHasIt() throws {
    let pearson = try #require(Correlation.pearson(Self.x, Self.y))
    #expect(abs(pearson.coefficient - 0.908404982678597) < 1e-12)
    let fisher = try #require(pearson.interval)
    #expect(
      abs(fisher.lowerBound - 0.5661242895372661) < 1e-12
        && abs(fisher.upperBound - 0.9835070911240169) < 1e-12)
    let spearman = try #require(Correlation.spearman(Self.x, Self.y))
    #expect(abs(spearman.coefficient - 0.9047619047619048) < 1e-12)
    let interval = try #require(spearman.interval)
    #expect(
      abs(interval.lowerBound - 0.42789151232035977) < 1e-12
        && abs(interval.upperBound - 0.9875981800987733) < 1e-12)
    #expect(pearson.count == 8 && spearman.count == 8)
  }

  @Test func tiesShareRanks() throws {
    let spearman = try #require(Correlation.spearman([1, 1, 2, 2, 3], [5, 4, 4, 3, 3]))
    #expect(abs(spearman.coefficient - (-0.8055555555555555)) < 1e-12)
  }

  /// Squares of these are no numbers.
  @Test func largeAndSmallNumbers() throws {
    let pearson = try #require(
      Correlation.pearson([1e200, 3e200, 2e200, 5e200], [1e-200, 2e-200, 4e-200, 5e-200]))
    #expect(abs(pearson.coefficient - 0.7483314773547883) < 1e-12)
  }

  @Test(
    "what cannot be said is not said",
    arguments: [
      ([], []), ([1], [1]), ([1, 1, 1], [1, 2, 3]), ([0, 0], [1, 2]), ([3, 4], [0.1, 0.1]),
    ] as [([Double], [Double])])
  func undefined(_ left: [Double], _ right: [Double]) {
    #expect(Correlation.pearson(left, right) == nil)
    #expect(Correlation.spearman(left, right) == nil)
  }

  @Test func perfectAndTooFew() throws {
    let three = try #require(Correlation.pearson([1, 2, 3], [3, 2, 1]))
    #expect(abs(three.coefficient + 1) < 1e-12 && three.interval == nil)
    let perfect = try #require(Correlation.spearman(Self.x, Self.x.map { $0 * $0 }))
    #expect(abs(perfect.coefficient - 1) < 1e-12)
    #expect(try #require(perfect.interval).upperBound <= 1)
  }
}
