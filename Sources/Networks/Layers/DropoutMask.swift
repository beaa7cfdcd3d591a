/// Which elements a dropout layer keeps: a function of a seed and an element's number, so that the
/// forward and the backward pass agree without memory between them.
struct DropoutMask {
  private let threshold: UInt64
  private let scale: Float
  private let stream: UInt64

  /// Drops a share `rate` of the elements; `stream` tells layers apart.
  init(rate: Double, stream: UInt64) {
    threshold = UInt64(rate * 4_294_967_296)
    scale = Float(1 / (1 - rate))
    self.stream = (stream &+ 1) &* 0x9E37_79B9_7F4A_7C15
  }

  /// Copies the elements that are kept, scaled, and zeroes the others.
  func apply(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int,
    seed: UInt64
  ) {
    let key = mix(seed ^ stream)
    var index = 0
    while index < count {
      let bits = mix(key &+ UInt64(truncatingIfNeeded: index))
      target[index] = bits & 0xFFFF_FFFF >= threshold ? source[index] * scale : 0
      if index + 1 < count {
        target[index + 1] = bits >> 32 >= threshold ? source[index + 1] * scale : 0
      }
      index += 2
    }
  }

  /// The finaliser of splitmix64 (Steele, Lea and Flood, 2014).
  private func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
