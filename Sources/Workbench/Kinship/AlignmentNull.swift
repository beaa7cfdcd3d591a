/// What bringing networks in line comes to that have nothing in common.
struct AlignmentNull {
  /// How many networks are tried.
  static let count = 5

  /// Their mean.
  let mean: Double
  private let deviation: Double

  /// Takes the cosines of the networks that were tried; nil where there are not so many.
  init?(_ cosines: [Double]) {
    guard cosines.count == Self.count else { return nil }
    let mean = cosines.reduce(0, +) / Double(Self.count)
    self.mean = mean
    let squares = cosines.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    deviation = (squares / Double(Self.count - 1)).squareRoot()
  }

  /// The probability of as large a cosine of one network more: Student's t with four degrees of freedom, as the
  /// cosine is a mean over many units. Never below 1e-9.
  func pValue(of cosine: Double) -> Double {
    let count = Double(Self.count)
    guard deviation > 0 else { return cosine > mean ? 1 / (count + 1) : 1 }
    let t = (cosine - mean) / (deviation * (1 + 1 / count).squareRoot())
    // The distribution function at four degrees of freedom is 1/2 + 3/8·u·(1 − u²/12).
    let u = t / (1 + t * t / 4).squareRoot()
    return min(1, max(1e-9, 0.5 - 0.375 * u * (1 - u * u / 12)))
  }
}
