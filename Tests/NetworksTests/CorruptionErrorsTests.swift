import Datasets
import Testing

@Suite("Mean corruption errors")
struct CorruptionErrorsTests {
  private static let own = CorruptionErrors(
    clean: 0.1, corrupted: [.fog: [0.2, 0.4], .contrast: [0.3, 0.5], .saturate: [0.9]])
  private static let reference = CorruptionErrors(
    clean: 0.2, corrupted: [.fog: [0.5, 0.7], .contrast: [0.4, 0.4], .saturate: [0.3]])

  @Test("by hand, over what was measured")
  func means() throws {
    // Means of the kinds: 0.3, 0.4, 0.9 against 0.6, 0.4, 0.3.
    let plain = try #require(Self.own.mean)
    #expect(abs(plain - 1.6 / 3) < 1e-12)
    let divided = try #require(Self.own.mean(dividedBy: Self.reference))
    #expect(abs(divided - (0.5 + 1 + 3) / 3) < 1e-12)
    let relative = try #require(Self.own.mean(dividedBy: Self.reference, isRelative: true))
    #expect(abs(relative - (0.2 / 0.4 + 0.3 / 0.2 + 0.8 / 0.1) / 3) < 1e-9)
  }

  @Test("the extra four do not count where the fifteen are there")
  func benchmark() {
    var errors = CorruptionErrors(clean: 0, corrupted: [.saturate: [1]])
    for kind in Corruption.Kind.benchmark { errors.corrupted[kind] = [0.5] }
    #expect(errors.kindsInMean == Corruption.Kind.benchmark)
    #expect(errors.mean == 0.5)
  }

  @Test("what cannot be divided is nil, not infinite")
  func undefined() {
    let perfect = CorruptionErrors(clean: 0.2, corrupted: [.fog: [0], .contrast: [0]])
    #expect(Self.own.mean(dividedBy: perfect) == nil)
    #expect(perfect.mean(dividedBy: perfect, isRelative: true) == nil)
    #expect(CorruptionErrors(clean: 0, corrupted: [:]).mean == nil)
  }
}
