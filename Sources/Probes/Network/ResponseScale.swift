import LinearAlgebra

/// Brings a response to mean 0 and deviation 1, as MVProbe does: `(s − mean) / (deviation + 10⁻⁸)`, the
/// deviation with division by count − 1.
///
/// Sums are taken in Float64 and in eight lanes, so that they are vector instructions.
struct ResponseScale {
  private static let epsilon = 1e-8

  /// The rows of a response.
  let rows: Int
  /// The elements of a row.
  let columns: Int
  /// The distance from one row to the next.
  let rowStride: Int

  private var count: Int { rows * columns }

  /// Standardises in place.
  ///
  /// - Returns: the deviation.
  func standardise<Scalar: BLASScalar>(_ values: UnsafeMutablePointer<Scalar>) -> Scalar {
    var sum = 0.0
    for row in 0..<rows { sum += Self.sum(values + row * rowStride, columns) }
    let mean = sum / Double(count)
    var squares = 0.0
    for row in 0..<rows { squares += Self.squares(values + row * rowStride, columns, around: mean) }
    let deviation = (squares / Double(max(1, count - 1))).squareRoot()
    let (shift, factor) = (Scalar(mean), Scalar(1 / (deviation + Self.epsilon)))
    for row in 0..<rows {
      let own = values + row * rowStride
      for at in 0..<columns { own[at] = (own[at] - shift) * factor }
    }
    return Scalar(deviation)
  }

  /// Turns the gradient of a standardised response into that of the response, in place.
  ///
  /// - Parameter standardised: the response, laid out as the gradient is.
  func turnBack<Scalar: BLASScalar>(
    _ gradient: UnsafeMutablePointer<Scalar>, standardised: UnsafePointer<Scalar>,
    deviation: Scalar
  ) {
    let own = Double(deviation)
    var (sum, along) = (0.0, 0.0)
    for row in 0..<rows {
      let start = row * rowStride
      sum += Self.sum(gradient + start, columns)
      along += Self.product(gradient + start, standardised + start, columns)
    }
    let factor = Scalar(1 / (own + Self.epsilon))
    let shift = Scalar(sum / Double(count))
    // A response without any spread has no direction to learn in.
    let slope = own > 0 ? Scalar(along / (Double(max(1, count - 1)) * own)) : 0
    for row in 0..<rows {
      let (change, seen) = (gradient + row * rowStride, standardised + row * rowStride)
      for at in 0..<columns { change[at] = (change[at] - shift) * factor - seen[at] * slope }
    }
  }

  private static func sum<Scalar: BLASScalar>(
    _ values: UnsafePointer<Scalar>, _ count: Int
  ) -> Double {
    var lanes = SIMD8<Double>(repeating: 0)
    let whole = count & ~7
    for at in stride(from: 0, to: whole, by: 8) { lanes += eight(values + at) }
    var sum = lanes.sum()
    for at in whole..<count { sum += Double(values[at]) }
    return sum
  }

  private static func squares<Scalar: BLASScalar>(
    _ values: UnsafePointer<Scalar>, _ count: Int, around mean: Double
  ) -> Double {
    var lanes = SIMD8<Double>(repeating: 0)
    let whole = count & ~7
    for at in stride(from: 0, to: whole, by: 8) {
      let offsets = eight(values + at) - mean
      lanes += offsets * offsets
    }
    var sum = lanes.sum()
    for at in whole..<count {
      let offset = Double(values[at]) - mean
      sum += offset * offset
    }
    return sum
  }

  private static func product<Scalar: BLASScalar>(
    _ left: UnsafePointer<Scalar>, _ right: UnsafePointer<Scalar>, _ count: Int
  ) -> Double {
    var lanes = SIMD8<Double>(repeating: 0)
    let whole = count & ~7
    for at in stride(from: 0, to: whole, by: 8) { lanes += eight(left + at) * eight(right + at) }
    var sum = lanes.sum()
    for at in whole..<count { sum += Double(left[at]) * Double(right[at]) }
    return sum
  }

  @inline(__always)
  private static func eight<Scalar: BLASScalar>(
    _ values: UnsafePointer<Scalar>
  ) -> SIMD8<Double> {
    SIMD8(
      Double(values[0]), Double(values[1]), Double(values[2]), Double(values[3]),
      Double(values[4]), Double(values[5]), Double(values[6]), Double(values[7]))
  }
}

/// Rectifiers in arithmetic: a comparison that decides what is stored becomes a branch that is guessed wrong
/// half of the time, and no vector instruction.
enum Rectifier {
  /// Negative numbers become zero, in place; what is not a number stays one.
  static func apply<Scalar: BLASScalar>(_ values: UnsafeMutablePointer<Scalar>, count: Int) {
    for at in 0..<count {
      let half = values[at] * 0.5
      values[at] = half + half.magnitude
    }
  }

  /// A gradient goes back through the numbers that stayed alone.
  static func turnBack<Scalar: BLASScalar>(
    _ gradient: UnsafeMutablePointer<Scalar>, rectified: UnsafePointer<Scalar>, count: Int
  ) {
    for at in 0..<count { gradient[at] *= rectified[at] <= 0 ? 0 : 1 }
  }
}
