import ModelGraph

/// A kernel as `outer` × `channelCount` × `inner` elements, to reach its channels.
struct ChannelKernel: Sendable {
  /// The tensor's name.
  let tensor: String
  /// The product of the axes before the channels.
  let outer: Int
  /// The number of channels.
  let channelCount: Int
  /// The product of the axes after the channels.
  let inner: Int

  /// The kernel's channels: its output axis, or the channels and the multiplier of a depthwise one.
  /// Nil where there are neither.
  init?(_ parameter: Parameter) {
    let parameter = parameter.joined
    let axes = parameter.axes
    let first: Int
    let last: Int
    if let output = axes.firstIndex(of: .output) {
      (first, last) = (output, output)
    } else if let input = axes.firstIndex(of: .input),
      axes.firstIndex(of: .multiplier) == input + 1
    {
      (first, last) = (input, input + 1)
    } else {
      return nil
    }
    tensor = parameter.tensor
    outer = parameter.shape[..<first].reduce(1, *)
    channelCount = parameter.shape[first...last].reduce(1, *)
    inner = parameter.shape[(last + 1)...].reduce(1, *)
  }

  /// The Euclidean norm of each channel.
  func norms(_ values: [Float]) -> [Double] {
    let span = values.span
    var sums = Array(repeating: 0.0, count: channelCount)
    var index = 0
    for _ in 0..<outer {
      for channel in 0..<channelCount {
        var sum = sums[channel]
        for _ in 0..<inner {
          let value = Double(span[index])
          sum += value * value
          index += 1
        }
        sums[channel] = sum
      }
    }
    return sums.map { $0.squareRoot() }
  }

  /// Every channel times its factor.
  func scaled(_ values: [Float], by factors: [Double]) -> [Float] {
    let span = values.span
    return [Float](capacity: values.count) { result in
      for index in span.indices {
        result.append(Float(factors[index / inner % channelCount] * Double(span[index])))
      }
    }
  }
}
