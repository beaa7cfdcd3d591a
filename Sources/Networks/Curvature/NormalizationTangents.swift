import CKernels

/// The vectors of a batch normalisation y = γ·r·(x − m) + β, r = 1/√(v + ε), while its second derivatives
/// are computed: a number a channel, padding included. What one command leaves, later ones read.
///
/// With the running statistics m and v are constants. With those of the batch they move with x, and the
/// gradient has the two further terms of Ioffe and Szegedy (2015, section 3). In the names, a tangent is
/// the change along the direction.
final class NormalizationTangents {
  /// The layer's weights, or a direction of them; an absent scale is 1 and an absent shift 0, and both
  /// are 0 as directions.
  struct Affine {
    var scale: UnsafePointer<Float>?
    var shift: UnsafePointer<Float>?
  }

  private let channels: WSLChannels
  /// The number of channels, without and with padding.
  private let size: Int
  private let width: Int
  /// The number of samples of a channel.
  private let count: Double
  private let epsilon: Double
  private let usesBatch: Bool
  private var mean: [Double]
  private var inverse: [Double]
  private var meanTangent: [Double]
  private var inverseTangent: [Double]
  /// Σ ȳ and Σ ȳ·(x − m).
  private var gradientSum: [Double]
  private var gradientProduct: [Double]

  init(_ channels: WSLChannels, size: Int, epsilon: Double, usesBatch: Bool) {
    self.channels = channels
    self.size = size
    self.epsilon = epsilon
    self.usesBatch = usesBatch
    width = Int(channels.blocks * channels.block)
    count = Double(channels.outer * channels.inner)
    let zeros = Array(repeating: 0.0, count: width)
    (mean, inverse, meanTangent) = (zeros, zeros, zeros)
    (inverseTangent, gradientSum, gradientProduct) = (zeros, zeros, zeros)
  }

  /// y from x, and the statistics.
  ///
  /// - Parameter running: the running mean and variance; not read where the batch's are used.
  func forward(
    _ x: UnsafePointer<Float>, _ weights: Affine,
    running: (mean: UnsafePointer<Float>, variance: UnsafePointer<Float>),
    into y: UnsafeMutablePointer<Float>
  ) {
    if usesBatch {
      mean = sums(x, nil).map { $0 / count }
      inverse = sums(x, x).map { 1 / (max(0, $0 / count) + epsilon).squareRoot() }
    } else {
      mean = vector(running.mean, or: 0)
      inverse = vector(running.variance, or: 1).map { 1 / ($0 + epsilon).squareRoot() }
    }
    let (scale, shift) = (vector(weights.scale, or: 1), vector(weights.shift, or: 0))
    let factor = each { scale[$0] * inverse[$0] }
    combine([(x, factor)], each { shift[$0] - factor[$0] * mean[$0] }, into: y)
  }

  /// x̄ from ȳ.
  func backward(
    _ x: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, _ weights: Affine,
    into target: UnsafeMutablePointer<Float>
  ) {
    let factor = factors(weights)
    guard usesBatch else { return combine([(gradient, factor)], each { _ in 0 }, into: target) }
    gradientSum = sums(gradient, nil)
    gradientProduct = sums(gradient, x)
    let slope = each { -factor[$0] * inverse[$0] * inverse[$0] * gradientProduct[$0] / count }
    combine(
      [(gradient, factor), (x, slope)],
      each { -factor[$0] * gradientSum[$0] / count - slope[$0] * mean[$0] }, into: target)
  }

  /// ẏ from ẋ, which is nil where x does not move.
  func forwardTangent(
    _ x: UnsafePointer<Float>, _ moved: UnsafePointer<Float>?, _ weights: Affine,
    _ direction: Affine, into target: UnsafeMutablePointer<Float>
  ) {
    if usesBatch, let moved {
      meanTangent = sums(moved, nil).map { $0 / count }
      let product = sums(moved, x)
      inverseTangent = each { -inverse[$0] * inverse[$0] * inverse[$0] * product[$0] / count }
    }
    let factor = factors(weights)
    let change = factorTangents(weights, direction)
    let shift = vector(direction.shift, or: 0)
    let constants = each {
      shift[$0] - factor[$0] * meanTangent[$0] - change[$0] * mean[$0]
    }
    if let moved {
      combine([(moved, factor), (x, change)], constants, into: target)
    } else {
      combine([(x, change)], constants, into: target)
    }
  }

  /// The change of x̄, and those of the gradients by the scale and the shift, where asked for.
  func backwardTangent(
    _ x: UnsafePointer<Float>, _ moved: UnsafePointer<Float>?, _ gradient: UnsafePointer<Float>,
    _ change: UnsafePointer<Float>, _ weights: Affine, _ direction: Affine,
    into target: UnsafeMutablePointer<Float>?, scale: UnsafeMutablePointer<Float>?,
    shift: UnsafeMutablePointer<Float>?
  ) {
    // The gradient by the scale is Σ ȳ·r·(x − m); this is its change, and count times that of the mean
    // of ȳ·x̂ which the batch's variance brings in.
    let changeSum = sums(change, nil)
    var product = sums(change, x)
    product = each { inverse[$0] * product[$0] }
    if let moved {
      let crossed = sums(gradient, moved, centers: meanTangent)
      product = each { product[$0] + inverse[$0] * crossed[$0] }
      if usesBatch { product = each { product[$0] + inverseTangent[$0] * gradientProduct[$0] } }
    }
    for channel in 0..<size {
      scale?[channel] = Float(product[channel])
      shift?[channel] = Float(changeSum[channel])
    }
    guard let target else { return }
    let factor = factors(weights)
    let factorChange = factorTangents(weights, direction)
    guard usesBatch else {
      return combine([(gradient, factorChange), (change, factor)], each { _ in 0 }, into: target)
    }
    // x̄ = f·(ȳ − A − (x − m)·r·B) with f = γ·r, A the mean of ȳ and B that of ȳ·x̂.
    let meanProduct = each { inverse[$0] * gradientProduct[$0] / count }
    let slope = each { channel in
      -(factorChange[channel] * inverse[channel] * meanProduct[channel]
        + factor[channel] * inverseTangent[channel] * meanProduct[channel]
        + factor[channel] * inverse[channel] * product[channel] / count)
    }
    let movedSlope = each { -factor[$0] * inverse[$0] * meanProduct[$0] }
    let constants = each { channel in
      -factorChange[channel] * gradientSum[channel] / count
        - factor[channel] * changeSum[channel] / count - slope[channel] * mean[channel]
        - movedSlope[channel] * meanTangent[channel]
    }
    var terms = [(gradient, factorChange), (change, factor), (x, slope)]
    if let moved { terms.append((moved, movedSlope)) }
    combine(terms, constants, into: target)
  }

  /// γ·r.
  private func factors(_ weights: Affine) -> [Double] {
    let scale = vector(weights.scale, or: 1)
    return each { scale[$0] * inverse[$0] }
  }

  /// The change of γ·r.
  private func factorTangents(_ weights: Affine, _ direction: Affine) -> [Double] {
    let (scale, change) = (vector(weights.scale, or: 1), vector(direction.scale, or: 0))
    return each { change[$0] * inverse[$0] + scale[$0] * inverseTangent[$0] }
  }

  private func each(_ value: (Int) -> Double) -> [Double] { (0..<width).map(value) }

  /// A vector of weights; zeros in the padding.
  private func vector(_ values: UnsafePointer<Float>?, or absent: Double) -> [Double] {
    each { channel in
      guard channel < size else { return 0 }
      guard let values else { return absent }
      return Double(values[channel])
    }
  }

  /// Σ a, or Σ a·(b − centre) with the means as centres.
  private func sums(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>?, centers: [Double]? = nil
  ) -> [Double] {
    var result = Array(repeating: 0.0, count: width)
    wsl_sum_channels(channels, a, b, centers ?? mean, &result)
    return result
  }

  private func combine(
    _ terms: [(source: UnsafePointer<Float>, factors: [Double])], _ constants: [Double],
    into target: UnsafeMutablePointer<Float>
  ) {
    let factors = terms.flatMap { $0.factors.map { Float($0) } }
    let constants = constants.map { Float($0) }
    factors.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return }
      let places = terms.indices.map { Optional(base + $0 * width) }
      let sources = terms.map { Optional($0.source) }
      wsl_combine_channels(channels, Int32(terms.count), sources, places, constants, target)
    }
  }
}
