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
