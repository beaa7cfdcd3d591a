import ModelGraph

/// Normalisation of sets of elements: the channels of a position, or groups of channels at all positions
/// of an example. Sums are in Float64.
struct SetNormalization: Sendable {
  /// The number of sets.
  let setCount: Int
  /// A set begins at `set / inner · outerStride + set % inner · innerStride`.
  let inner: Int
  let outerStride: Int
  let innerStride: Int
  /// A set is so many runs of so many elements.
  let runCount: Int
  let runStride: Int
  let runLength: Int
  let elementStride: Int
  /// The place, in the gains, of the set's first element is `set % groups · groupGain`; the next run's
  /// and the next element's are so much further.
  let groups: Int
  let groupGain: Int
  let runGain: Int
  let elementGain: Int
  /// Whether the mean is taken away.
  let isCentred: Bool
  /// Whether the spread is measured around the mean: that of what the mean is taken away from, or, in
  /// Keras's old `rms_scaling`, of what it is left in.
  let isOfVariance: Bool
  let epsilon: Double
  /// What is added to the gains.
  let offset: Float

  /// The elements of a set.
  var size: Int { runCount * runLength }

  /// Over the channels of each position, in equal blocks.
  ///
  /// - Parameter inner: the positions that lie between an element's channel and the next.
  init(
    channelsOf shape: [Int], axis: Int, batch: Int, blocks: Int, isCentred: Bool, epsilon: Double,
    offset: Double = 0, isOfVariance: Bool = false
  ) {
    let inner = shape[(axis + 1)...].reduce(1, *)
    let width = shape[axis] / blocks
    self.inner = inner
    (setCount, outerStride, innerStride) = (
      batch * shape.reduce(1, *) / width, width * inner, 1
    )
    (runCount, runStride, runLength, elementStride) = (1, 0, width, inner)
    (groups, groupGain, runGain, elementGain) = (1, 0, 0, 1)
    (self.isCentred, self.epsilon, self.offset) = (isCentred, epsilon, Float(offset))
    self.isOfVariance = isCentred || isOfVariance
  }

  /// Over all positions of each group of channels. The channels are the first or the last axis.
  init(groupsOf shape: [Int], axis: Int, batch: Int, groups: Int, epsilon: Double) {
    let channels = shape[axis]
    let positions = shape.reduce(1, *) / channels
    let width = channels / groups
    self.groups = groups
    groupGain = width
    setCount = batch * groups
    if axis == 0 {
      (inner, outerStride, innerStride) = (1, width * positions, 0)
      (runCount, runStride, runLength, elementStride) = (width, positions, positions, 1)
      (runGain, elementGain) = (1, 0)
    } else {
      (inner, outerStride, innerStride) = (groups, positions * channels, width)
      (runCount, runStride, runLength, elementStride) = (positions, channels, width, 1)
      (runGain, elementGain) = (0, 1)
    }
    (isCentred, isOfVariance, self.epsilon, offset) = (true, true, epsilon, 0)
  }

  private func start(of set: Int) -> Int {
    set / inner * outerStride + set % inner * innerStride
  }

  /// Calls `body` with the place of each element of a set and that of its gain.
  @inline(__always)
  private func each(_ set: Int, _ body: (_ place: Int, _ gain: Int) -> Void) {
    let base = start(of: set)
    let firstGain = set % groups * groupGain
    for run in 0..<runCount {
      var place = base + run * runStride
      var gain = firstGain + run * runGain
      for _ in 0..<runLength {
        body(place, gain)
        place += elementStride
        gain += elementGain
      }
    }
  }

  /// Normalises the sets of a range.
  ///
  /// - Parameter statistics: where the mean and the factor of each set go, two numbers each.
  func run(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
    gamma: UnsafePointer<Float>?, beta: UnsafePointer<Float>?,
    statistics: UnsafeMutablePointer<Double>, sets: Range<Int>
  ) {
    for set in sets {
      var mean = 0.0
      if isOfVariance {
        each(set) { place, _ in mean += Double(source[place]) }
        mean /= Double(size)
      }
      var squares = 0.0
      each(set) { place, _ in
        let difference = Double(source[place]) - mean
        squares += difference * difference
      }
      let factor = 1 / (squares / Double(size) + epsilon).squareRoot()
      if !isCentred { mean = 0 }
      (statistics[2 * set], statistics[2 * set + 1]) = (mean, factor)
      each(set) { place, gain in
        let normal = Float((Double(source[place]) - mean) * factor)
        target[place] = normal * ((gamma?[gain] ?? 1) + offset) + (beta?[gain] ?? 0)
      }
    }
  }

  /// The gradient of the source for the sets of a range.
  func runBackward(
    _ source: UnsafePointer<Float>, _ change: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>, gamma: UnsafePointer<Float>?,
    statistics: UnsafePointer<Double>, sets: Range<Int>
  ) {
    for set in sets {
      let (mean, factor) = (statistics[2 * set], statistics[2 * set + 1])
      var (sum, product) = (0.0, 0.0)
      each(set) { place, gain in
        let weighted = Double(change[place]) * Double((gamma?[gain] ?? 1) + offset)
        sum += weighted
        product += weighted * (Double(source[place]) - mean) * factor
      }
      let shift = isCentred ? sum / Double(size) : 0
      let slope = product / Double(size)
      each(set) { place, gain in
        let weighted = Double(change[place]) * Double((gamma?[gain] ?? 1) + offset)
        let normal = (Double(source[place]) - mean) * factor
        target[place] = Float((weighted - shift - normal * slope) * factor)
      }
    }
  }

  /// The gradients of gains and shifts, summed in Float64.
  func runGains(
    _ source: UnsafePointer<Float>, _ change: UnsafePointer<Float>,
    statistics: UnsafePointer<Double>, gamma: UnsafeMutablePointer<Float>?,
    beta: UnsafeMutablePointer<Float>?, count: Int
  ) {
    var gains = [Double](repeating: 0, count: count)
    var shifts = gains
    gains.withUnsafeMutableBufferPointer { gains in
      shifts.withUnsafeMutableBufferPointer { shifts in
        for set in 0..<setCount {
          let (mean, factor) = (statistics[2 * set], statistics[2 * set + 1])
          each(set) { place, gain in
            let change = Double(change[place])
            gains[gain] += change * (Double(source[place]) - mean) * factor
            shifts[gain] += change
          }
        }
      }
    }
    for place in 0..<count {
      gamma?[place] = Float(gains[place])
      beta?[place] = Float(shifts[place])
    }
  }
}
