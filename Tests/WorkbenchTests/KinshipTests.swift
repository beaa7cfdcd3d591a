import Foundation
import Testing

@testable import Workbench

/// The probabilities that the tests of kinship give.
@Suite("Kinship")
struct KinshipTests {
  @Test("fixed points of a random order are as likely as counting says")
  func fixedPoints() {
    // Of the 24 orders of four: 9 leave none, 8 one, 6 two, 0 three and 1 all in their places.
    let counts = [9, 8, 6, 0, 1]
    for fixed in 0...4 {
      let expected = Double(counts[fixed...].reduce(0, +)) / 24
      #expect(abs(UnitOrder.probability(ofFixedPoints: fixed, of: 4) - expected) < 1e-12)
    }
    // Of many, about 1/k!·(1 − 1/e + …): the tail of Poisson's distribution of mean one.
    let tail = 1 - exp(-1.0) * (1 + 1 + 0.5)
    #expect(abs(UnitOrder.probability(ofFixedPoints: 3, of: 500) - tail) < 1e-12)
    #expect(UnitOrder.probability(ofFixedPoints: 500, of: 500) == 1e-300)
  }

  @Test("a cosine beside shuffled ones is judged by Student's t with four degrees of freedom")
  func studentsT() throws {
    // Mean 0.3, standard deviation 0.01·√(10/4); the quantiles are those of printed tables.
    let null = try #require(AlignmentNull([0.28, 0.29, 0.30, 0.31, 0.32]))
    let error = 0.01 * 2.5.squareRoot() * 1.2.squareRoot()
    for (t, p) in [(0.0, 0.5), (2.132, 0.05), (3.747, 0.01), (7.173, 0.001)] {
      #expect(abs(null.pValue(of: 0.3 + t * error) - p) < 2e-3 * max(0.05, p))
    }
    #expect(AlignmentNull([0.3]) == nil)
  }
}
