import LinearAlgebra
import Testing

@testable import Workbench

import func Foundation.sin

/// Numbers by `Fixtures/make_probe.py`.
@Suite("The linear probe of transfer")
struct LinearProbeTests {
  private static func features(_ rows: Range<Int>) -> Matrix<Double> {
    Matrix(rows: rows.count, columns: 5) { row, column in
      if column == 2 { return 0.25 }
      let (place, step) = (Double(rows.lowerBound + row), Double(column))
      return sin(1 + 7 * place + 3 * step + 0.1 * place * step) * (1 + step)
    }
  }

  @Test("scores as NumPy has them, for any batches; a feature that does not vary has no part")
  func scores() throws {
    let labels = (0..<40).map { Int32($0 * 7 % 11 % 3) }
    let expected = [
      0.5007146927083792, 0.379976908035338, 0.11930839925628295,
      0.5348256360380796, 0.3401491764517268, 0.12502518751019356,
      0.4570506142267294, 0.3025120116672663, 0.24043737410600435,
    ]
    for parts in [[0..<40], [0..<1, 1..<17, 17..<40]] {
      var probe = LinearProbe(width: 5, classCount: 3)
      for part in parts { probe.add(Self.features(part), labels: labels[part]) }
      let fitted = try probe.fitted()
      let scores = fitted.scores(Self.features(40..<43)).values
      for (own, other) in zip(scores, expected) { #expect(abs(own - other) < 1e-10) }
      #expect(scores.count == expected.count)
      #expect(fitted.correct(Self.features(0..<40), labels: labels[...]) == 19)
      #expect(fitted.correct(Self.features(3..<17), labels: labels[3..<17]) <= 14)
    }
  }
}
