/// The generator that spreads one word over many: a counter, mixed.
///
/// Its use is to seed other generators: neighbouring seeds give unrelated words. Steele, Lea and
/// Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; the constants are those of
/// Vigna's version.
public struct SplitMix64: RandomNumberGenerator, Sendable, Hashable {
  private var state: UInt64

  /// Makes a generator. Every seed is good, zero too.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next word.
  ///
  /// - Complexity: O(1).
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  /// A bijection of words in which every bit of the result depends on every bit of `word`.
  ///
  /// - Complexity: O(1).
  public static func mixed(_ word: UInt64) -> UInt64 {
    var mixed = word
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
