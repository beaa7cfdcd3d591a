import Support

extension Dataset {
  /// The examples with their normalisation applied.
  ///
  /// - Parameter channelsFirst: whether the network has its channels first, for examples whose shape
  ///   does not tell.
  /// - Throws: `Diagnostic` of code `usage` where the examples have not as many channels.
  package func normalized(channelsFirst: Bool) throws -> Dataset {
    guard let normalization else { return self }
    var result = self
    result.normalization = nil
    let axis = try normalization.axis(of: exampleShape, isFirst: channelsFirst)
    let inner = axis.map { exampleShape[($0 + 1)...].reduce(1, *) } ?? exampleSize
    let factors = normalization.deviations.map { 1 / $0 }
    let (means, count) = (normalization.means, normalization.means.count)
    result.examples.withUnsafeMutableBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: inner) {
        let channel = start / inner % count
        let (mean, factor) = (means[channel], factors[channel])
        for place in start..<start + inner { values[place] = (values[place] - mean) * factor }
      }
    }
    return result
  }
}
