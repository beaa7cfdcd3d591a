import LinearAlgebra
import Support

extension Dataset {
  /// Mixes every example with another: λ·x + (1 − λ)·y, where y is its partner in a random order and λ is drawn
  /// from Beta(α, α) for each (Zhang et al., "mixup", 2018). Labels stay those of x.
  ///
  /// - Parameters:
  ///   - alpha: above 0; the larger, the nearer λ is to ½.
  ///   - seed: decides partners and weights.
  /// - Throws: `Diagnostic` of code `usage` where examples are rows of whole numbers, which cannot be mixed.
  /// - Complexity: O(elements).
  public func mixed(alpha: Double, seed: UInt64) throws -> Dataset {
    precondition(alpha > 0, "the shape of a beta distribution is above 0")
    let areWhole = examples.allSatisfy { $0 == $0.rounded() }
    guard !areWhole || examples.allSatisfy({ $0 == 0 || $0 == 1 }) else {
      throw Diagnostic(
        .usage,
        "the examples are whole numbers, such as tokens: there is nothing between two of them",
        remedy: "compare the networks on the examples as they are")
    }
    var generator = SeededGenerator(seed: seed)
    let partners = generator.permutation(count: count)
    var result = self
    let size = exampleSize
    for example in 0..<count {
      let share = Float(generator.beta(alpha, alpha))
      let (own, other) = (example * size, partners[example] * size)
      for element in 0..<size {
        result.examples[own + element] =
          share * examples[own + element] + (1 - share) * examples[other + element]
      }
    }
    return result
  }
}
