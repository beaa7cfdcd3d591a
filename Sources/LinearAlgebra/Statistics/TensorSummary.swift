/// What the numbers of one tensor look like: moments, quantiles, norms and oddities, in one pass for
/// the moments and two for the quantiles.
///
/// Not-a-number and infinite elements are counted, and left out of everything else. Sums are in
/// Float64. Quantiles interpolate linearly between neighbours, as NumPy's `percentile` does.
public struct TensorSummary: Sendable, Hashable {
  /// The number of elements.
  public var count = 0
  /// Of which are not a number.
  public var notANumber = 0
  /// Of which are infinite.
  public var infinite = 0
  /// Of which are exactly zero.
  public var zeros = 0
  /// The mean.
  public var mean = Double.nan
  /// The mean square of the distance to the mean (division by n).
  public var variance = Double.nan
  /// The fourth central moment by the squared variance, less 3: Fisher's kurtosis. Not a number where
  /// all elements are equal.
  public var kurtosis = Double.nan
  /// Quantiles at `TensorSummary.probabilities`.
  public var quantiles: [Double] = []
  /// The sum of the absolute values.
  public var absoluteSum = 0.0
  /// The sum of the squares.
  public var squareSum = 0.0
  /// Whether every element has no more than the 8 bits of precision of bfloat16.
  public var fitsBFloat16 = true

  /// Where the quantiles are taken: those of the three published conventions together.
  public static let probabilities: [Double] = [0, 0.01, 0.25, 0.5, 0.75, 0.99, 1]

  /// The finite elements.
  public var finiteCount: Int { count - notANumber - infinite }
  /// The quantile at a probability of `probabilities`; not a number where no element is finite.
  public func quantile(_ probability: Double) -> Double {
    guard let place = TensorSummary.probabilities.firstIndex(of: probability),
      quantiles.indices.contains(place)
    else { return .nan }
    return quantiles[place]
  }
  /// Whether all finite elements are equal; false where there are none.
  public var isConstant: Bool { !quantiles.isEmpty && quantiles.first == quantiles.last }
  /// The square of the distance to the mean, summed and divided by n - 1.
  public var unbiasedVariance: Double {
    finiteCount > 1 ? variance * Double(finiteCount) / Double(finiteCount - 1) : .nan
  }

  /// Summarises some numbers.
  ///
  /// - Complexity: O(elements) but for crowded quantiles, whose neighbourhoods are sorted.
  public init(_ values: [Float]) {
    self = values.withUnsafeBufferPointer { TensorSummary(of: $0) }
  }

  /// Summarises numbers in memory.
  public init(of values: UnsafeBufferPointer<Float>) {
    count = values.count
    var sums = FirstSums()
    sums.add(values)
    sums.finish()
    take(sums)
    guard finiteCount > 0 else { return }
    var central = CentralSums(around: mean)
    central.add(values)
    central.finish()
    take(
      central,
      QuantileSelection(values, finiteCount: finiteCount).quantiles(TensorSummary.probabilities))
  }

  /// Summarises numbers that come in pieces, twice: the result is that of all of them in memory.
  ///
  /// - Parameters:
  ///   - count: how many there are.
  ///   - pass: calls what it is given for all pieces in their order. All pieces but the last hold a
  ///     multiple of four numbers.
  /// - Throws: what `pass` throws.
  /// - Complexity: O(numbers); memory for some 10 MiB, whatever their number.
  public init(
    count: Int, _ pass: ((UnsafeBufferPointer<Float>) throws -> Void) throws -> Void
  ) throws {
    self.count = count
    var sums = FirstSums()
    var ranks = StreamedQuantiles()
    try pass { values in
      sums.add(values)
      ranks.count(values)
    }
    sums.finish()
    take(sums)
    guard finiteCount > 0 else { return }
    ranks.choose(TensorSummary.probabilities, finiteCount: finiteCount)
    var central = CentralSums(around: mean)
    try pass { values in
      central.add(values)
      ranks.refine(values)
    }
    central.finish()
    take(central, ranks.quantiles)
  }

  private mutating func take(_ sums: FirstSums) {
    notANumber = sums.notANumber
    infinite = sums.infinite
    zeros = sums.zeros
    absoluteSum = sums.absolute
    squareSum = sums.squares
    fitsBFloat16 = sums.lowBits == 0
    if finiteCount > 0 { mean = sums.sum / Double(finiteCount) }
  }

  private mutating func take(_ central: CentralSums, _ quantiles: [Double]) {
    variance = central.second / Double(finiteCount)
    self.quantiles = quantiles
    if !isConstant {
      kurtosis = central.fourth / Double(finiteCount) / (variance * variance) - 3
    } else {
      variance = 0
      mean = quantiles[0]
    }
  }
}
