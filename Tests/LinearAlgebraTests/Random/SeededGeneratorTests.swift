import Testing

@testable import LinearAlgebra

@Suite struct SeededGeneratorTests {
  /// The words that the authors' C code and the ports of it agree on.
  @Test func xoshiroGivesThePublishedWords() {
    var generator = SeededGenerator(state: (1, 2, 3, 4))
    let expected: [UInt64] = [
      11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
      607_988_272_756_665_600, 16_172_922_978_634_559_625, 8_476_171_486_693_032_832,
      10_595_114_339_597_558_777, 2_904_607_092_377_533_576,
    ]
    #expect(expected.map { _ in generator.next() } == expected)
  }

  @Test func splitMixGivesThePublishedWords() {
    var generator = SplitMix64(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    #expect(expected.map { _ in generator.next() } == expected)
  }

  @Test func derivedStreamsDoNotDependOnWhatWasDrawn() {
    let fresh = SeededGenerator(seed: 7)
    var used = fresh
    for _ in 0..<100 { _ = used.next() }
    #expect(fresh.derived(3) == used.derived(3))
    #expect(fresh.derived(3) != fresh.derived(4))
    #expect(fresh.derived(0) != fresh)
    #expect(SeededGenerator(seed: 0).derived(1) != SeededGenerator(seed: 1).derived(0))
  }

  /// The mean of n uniforms has standard deviation 1/√(12n), that of n squares of normals √(2/n):
  /// five of each are allowed.
  @Test func momentsAreThoseOfTheDistributions() {
    var generator = SeededGenerator(seed: 11)
    let count = 200_000
    var uniform = 0.0
    var normal = 0.0
    var square = 0.0
    for _ in 0..<count {
      let value = generator.uniform()
      #expect(value >= 0 && value < 1)
      uniform += value
      let deviate = generator.normal()
      normal += deviate
      square += deviate * deviate
    }
    let samples = Double(count)
    #expect(abs(uniform / samples - 0.5) < 5 / (12 * samples).squareRoot())
    #expect(abs(normal / samples) < 5 / samples.squareRoot())
    #expect(abs(square / samples - 1) < 5 * (2 / samples).squareRoot())
  }

  /// χ² of 24 cells has 23 degrees of freedom: mean 23, standard deviation √46; 60 is far out.
  @Test func everyOrderIsAsLikely() {
    var generator = SeededGenerator(seed: 5)
    var counts: [[Int]: Int] = [:]
    let draws = 24_000
    for _ in 0..<draws { counts[generator.permutation(count: 4), default: 0] += 1 }
    #expect(counts.count == 24)
    let expected = Double(draws) / 24
    let chiSquare = counts.values.reduce(0.0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    #expect(chiSquare < 60)
    #expect(generator.permutation(count: 0) == [])
    #expect(generator.permutation(count: 1) == [0])
  }

  /// The result is part of what a seed means: a change of algorithm must show here.
  @Test func aSeedMeansTheSameForever() {
    var generator = SeededGenerator(seed: 0)
    // SplitMix64 from 0 gives the state, whose second word alone makes the first output.
    #expect(generator.next() == 0x99EC_5F36_CB75_F2B4)
    #expect((0..<3).allSatisfy { _ in (0..<10).contains(generator.integer(below: 10)) })
  }

  /// Five standard deviations of the mean are allowed, and of the variance by the fourth moment's bound.
  @Test(arguments: [(0.3, 0.3), (1, 1), (16, 16), (2, 5)])
  func gammaAndBetaHaveTheirMoments(_ a: Double, _ b: Double) {
    var generator = SeededGenerator(seed: 5)
    let count = 100_000.0
    var (sum, squares, gammas) = (0.0, 0.0, 0.0)
    for _ in 0..<Int(count) {
      let value = generator.beta(a, b)
      #expect((0...1).contains(value))
      sum += value
      squares += value * value
      gammas += generator.gamma(shape: a)
    }
    let mean = a / (a + b)
    let variance = a * b / ((a + b) * (a + b) * (a + b + 1))
    #expect(abs(sum / count - mean) < 5 * (variance / count).squareRoot())
    // A number from 0 to 1 has a square whose variance is at most 1/4.
    #expect(abs(squares / count - variance - mean * mean) < 5 * (0.25 / count).squareRoot())
    #expect(abs(gammas / count - a) < 5 * (a / count).squareRoot())
  }
}
