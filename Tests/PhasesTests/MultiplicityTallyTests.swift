import Support
import Testing

@testable import Phases

@Suite("Predictive multiplicity")
struct MultiplicityTallyTests {
  @Test("the measures of seven models agree with NumPy")
  func numPy() throws {
    let json = try #require(try FitFixture().json["multiplicity"])
    let classes = try #require(json["classes"]?.integer)
    let models = json["probabilities"]?.array?.map { $0.numbers.map { Float($0) } } ?? []
    #expect(models.count == 7)
    var tally = MultiplicityTally(
      baseline: MultiplicityTally.answers(models[0], classes: classes), classes: classes)
    for model in models { tally.add(model) }
    #expect(tally.models == 7)
    #expect(tally.ambiguity == json["ambiguity"]?.number)
    #expect(tally.discrepancy == json["discrepancy"]?.number)
    for (found, other) in zip(tally.disagreement, json["disagreement"]?.numbers ?? []) {
      #expect(abs(found - other) < 1e-12)
    }
    // A mean of squares less a square of means, of numbers up to 1, in Float64.
    for (found, other) in zip(tally.variation, json["variation"]?.numbers ?? []) {
      #expect(abs(found - other) < 1e-7)
    }
    for (example, votes) in (json["votes"]?.array ?? []).enumerated() {
      #expect(tally.votes(example).map(Double.init) == votes.numbers)
    }
    let ambiguous = json["ambiguous"]?.numbers ?? []
    #expect(tally.ambiguous.sorted().map(Double.init) == ambiguous && !ambiguous.isEmpty)
    let shares = tally.ambiguous.map { tally.disagreement[$0] }
    #expect(shares == shares.sorted(by: >))
  }

  @Test("one model differs from nothing")
  func one() {
    var tally = MultiplicityTally(baseline: [1, 0], classes: 2)
    tally.add([0.25, 0.75, 0.5, 0.5])
    #expect(tally.ambiguity == 0 && tally.discrepancy == 0)
    #expect(tally.disagreement == [0, 0] && tally.variation == [0, 0])
    #expect(tally.ambiguous.isEmpty && tally.votes(0) == [0, 1])
  }
}
