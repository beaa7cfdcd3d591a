import RealModule

extension SeededGenerator {
  /// A number in [0, 1), a multiple of 2⁻⁵³.
  ///
  /// - Complexity: O(1).
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number of the standard normal distribution, by Marsaglia's polar method.
  ///
  /// The second number that the method yields is not kept, so that the state is the four words
  /// alone and a sequence can be cut anywhere.
  ///
  /// - Complexity: O(1) on average; 1.27 rounds of two words.
  public mutating func normal() -> Double {
    while true {
      let first = 2 * uniform() - 1
      let second = 2 * uniform() - 1
      let square = first * first + second * second
      if square > 0 && square < 1 {
        return first * (-2 * Double.log(square) / square).squareRoot()
      }
    }
  }

  /// A number of the gamma distribution of scale 1 (Marsaglia and Tsang, "A simple method for generating gamma
  /// variables", ACM TOMS 26(3), 2000).
  ///
  /// - Precondition: the shape is above 0.
  /// - Complexity: O(1) on average.
  public mutating func gamma(shape: Double) -> Double {
    precondition(shape > 0, "the shape of a gamma distribution is above 0")
    // Below 1 by way of the shape that is 1 more.
    if shape < 1 { return gamma(shape: shape + 1) * Double.pow(1 - uniform(), 1 / shape) }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      if Double.log(1 - uniform()) < x * x / 2 + d - d * v + d * Double.log(v) { return d * v }
    }
  }

  /// A number of the beta distribution, from 0 to 1.
  ///
  /// - Precondition: both shapes are above 0.
  public mutating func beta(_ a: Double, _ b: Double) -> Double {
    let (x, y) = (gamma(shape: a), gamma(shape: b))
    // Both may be 0 where shapes are far below 1.
    return x + y > 0 ? x / (x + y) : 0.5
  }

  /// An integer in `0..<bound`, each as likely as any other: Lemire, "Fast random integer
  /// generation in an interval", ACM TOMACS 29(1), 2019.
  ///
  /// - Complexity: O(1) on average.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "there is no integer in an empty range")
    let width = UInt64(bound)
    var product = next().multipliedFullWidth(by: width)
    if product.low < width {
      let rejected = (0 &- width) % width
      while product.low < rejected {
        product = next().multipliedFullWidth(by: width)
      }
    }
    return Int(product.high)
  }

  /// A random order of `0..<count`, each as likely as any other, by Fisher and Yates.
  ///
  /// - Complexity: O(count).
  public mutating func permutation(count: Int) -> [Int] {
    precondition(count >= 0, "a permutation has no negative length")
    var order = Array(0..<count)
    var remaining = count
    while remaining > 1 {
      let chosen = integer(below: remaining)
      remaining -= 1
      order.swapAt(chosen, remaining)
    }
    return order
  }
}
