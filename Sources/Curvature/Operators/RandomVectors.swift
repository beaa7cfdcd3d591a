import LinearAlgebra

extension SeededGenerator {
  /// A vector of length 1 in a random direction, all as likely.
  mutating func direction(_ dimension: Int) -> [Double] {
    var vector = (0..<dimension).map { _ in normal() }
    let scale = 1 / length(vector)
    for index in vector.indices { vector[index] *= scale }
    return vector
  }

  /// A vector of +1 and −1, each as likely (Rademacher).
  mutating func signs(_ dimension: Int) -> [Double] {
    var vector = Array(repeating: 1.0, count: dimension)
    var word: UInt64 = 0
    for index in vector.indices {
      if index % 64 == 0 { word = next() }
      if word >> UInt64(index % 64) & 1 == 1 { vector[index] = -1 }
    }
    return vector
  }
}
