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
    let one = (1.0).bitPattern
    return Array(unsafeUninitializedCapacity: dimension) { vector, count in
      count = dimension
      for start in stride(from: 0, to: dimension, by: 64) {
        var word = next()
        // The bit becomes the sign without a branch, which would be guessed wrongly half of the time.
        for index in start..<min(dimension, start + 64) {
          vector[index] = Double(bitPattern: one | word << 63)
          word >>= 1
        }
      }
    }
  }
}
