/// The mean and the variance of every channel over some samples.
struct ChannelMoments: Sendable {
  /// The tensors of the running statistics that they are measured for.
  var meanTensor: String
  var varianceTensor: String
  /// The mean of each channel.
  var means: [Float]
  /// The variance of each channel, the sum of squares divided by the number of samples.
  var variances: [Float]
  /// How many samples each channel had: examples times positions.
  var sampleCount: Int
}

/// The moments of the union of several sets of samples, from those of each set.
///
/// The variance is that within the sets plus that of their means (the law of total variance), so
/// nothing is lost to cancellation, and the split into sets does not matter.
struct PooledMoments {
  /// The mean of each channel.
  let means: [Double]
  /// The variance of each channel, the sum of squares divided by the number of samples.
  let variances: [Double]

  /// Pools sets of samples of the same channels, in the order given.
  ///
  /// - Complexity: O(sets · channels).
  init(_ sets: [ChannelMoments]) {
    let channels = sets.first?.means.count ?? 0
    let total = sets.reduce(0.0) { $0 + Double($1.sampleCount) }
    var means = Array(repeating: 0.0, count: channels)
    var variances = means
    for set in sets {
      let share = Double(set.sampleCount) / total
      for channel in 0..<channels { means[channel] += share * Double(set.means[channel]) }
    }
    for set in sets {
      let share = Double(set.sampleCount) / total
      for channel in 0..<channels {
        let distance = Double(set.means[channel]) - means[channel]
        variances[channel] += share * (Double(set.variances[channel]) + distance * distance)
      }
    }
    self.means = means
    self.variances = variances
  }
}

/// Where a batch normalisation of a program leaves the statistics of a batch.
struct StatisticsForm {
  let meanTensor: String
  let varianceTensor: String
  let mean: Buffer
  let variance: Buffer
  let channelCount: Int
  let sampleCount: Int

  /// The statistics of the last run.
  func read() -> ChannelMoments {
    func values(_ buffer: Buffer) -> [Float] {
      Array(UnsafeBufferPointer(start: buffer.floats, count: channelCount))
    }
    return ChannelMoments(
      meanTensor: meanTensor, varianceTensor: varianceTensor, means: values(mean),
      variances: values(variance), sampleCount: sampleCount)
  }
}
