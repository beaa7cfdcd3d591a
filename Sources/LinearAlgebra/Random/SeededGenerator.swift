/// A seeded source of random words: xoshiro256**, seeded by SplitMix64.
///
/// The words are fully specified, so a seed means the same on every machine and in every version:
/// Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021.
/// Swift's own `shuffled(using:)` and `random(in:using:)` do not promise that of theirs; use
/// the methods here wherever a result is kept.
///
/// Period 2²⁵⁶ − 1. Not for secrets.
public struct SeededGenerator: RandomNumberGenerator, Sendable, Hashable {
  private let seed: UInt64
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// Makes a generator. Every seed is good, zero too.
  public init(seed: UInt64) {
    var words = SplitMix64(seed: seed)
    self.seed = seed
    state = (words.next(), words.next(), words.next(), words.next())
  }

  /// Makes a generator in a given state, to compare it with published words.
  init(state: (UInt64, UInt64, UInt64, UInt64)) {
    precondition(state.0 | state.1 | state.2 | state.3 != 0, "the zero state never leaves itself")
    seed = 0
    self.state = state
  }

  /// The next word.
  ///
  /// - Complexity: O(1).
  public mutating func next() -> UInt64 {
    let scrambled = state.1 &* 5
    let result = ((scrambled << 7) | (scrambled >> 57)) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = (state.3 << 45) | (state.3 >> 19)
    return result
  }

  /// An independent generator for part of the work: a restart, a layer, a worker.
  ///
  /// It depends on this generator's seed and on `stream` only, not on how many words have been
  /// drawn, so work that is handed out in any order sees the same numbers.
  ///
  /// - Complexity: O(1).
  public func derived(_ stream: UInt64) -> SeededGenerator {
    // The streams are mixed before they meet the seed: otherwise stream 1 of seed 0 would be
    // stream 0 of seed 1.
    let mixed = SplitMix64.mixed(stream &+ 0x9E37_79B9_7F4A_7C15)
    return SeededGenerator(seed: SplitMix64.mixed(seed ^ mixed) &+ mixed)
  }

  /// Whether two generators will give the same words.
  public static func == (left: SeededGenerator, right: SeededGenerator) -> Bool {
    left.seed == right.seed && left.state == right.state
  }

  /// Feeds the seed and the state to a hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(seed)
    hasher.combine(state.0)
    hasher.combine(state.1)
    hasher.combine(state.2)
    hasher.combine(state.3)
  }
}
