import ModelGraph
import Support

extension ProgramBuilder {
  /// Every channel times a learned number, plus another.
  func compileChannelScale(_ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    let channels = input.channelCount
    let gamma = try vectorSlot(.gamma, of: layer, count: channels)
    let beta = try vectorSlot(.beta, of: layer, count: channels)
    let inner = input.shape[(input.channelAxis + 1)...].reduce(1, *)
    let count = batch * input.elementCount
    let output = try makeValue(layer.name, shape: input.shape, channelAxis: input.channelAxis)
    output.needsGradient = needsGradient(layer, [input])
    output.mask = input.mask
    let (source, target) = (try plain(input).buffer, output.forms[0].buffer)
    let gains = [gamma, beta].compactMap { $0?.value }
    emit(
      KernelCommand(touching: [source, target] + gains) {
        let (from, into) = (source.floats, target.floats)
        let (scale, shift) = (gamma?.value.floats, beta?.value.floats)
        for row in 0..<count / inner {
          let (factor, offset) = (scale?[row % channels] ?? 1, shift?[row % channels] ?? 0)
          for place in row * inner..<(row + 1) * inner {
            into[place] = from[place] * factor + offset
          }
        }
      })
    define(output, for: index)

    onGradient(of: output) { [self] change in
      contribute(to: input, reading: [change] + gains) { into in
        let (from, scale) = (change.floats, gamma?.value.floats)
        for row in 0..<count / inner {
          let factor = scale?[row % channels] ?? 1
          for place in row * inner..<(row + 1) * inner { into[place] = from[place] * factor }
        }
      }
      guard options.isTraining else { return }
      if let gamma {
        try emitChannelSums(gamma, channels: channels, inner: inner, count: count, change, source) {
          $0 * $1
        }
      }
      if let beta {
        try emitChannelSums(beta, channels: channels, inner: inner, count: count, change, source) {
          change, _ in change
        }
      }
    }
  }

  /// `x` where positive, else a learned slope times `x`.
  func compileParametricRelu(_ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    let size = try requiredParameter(.slope, of: layer).shape.reduce(1, *)
    let slopes = size == 1 ? 1 : input.channelCount
    guard let slope = try vectorSlot(.slope, of: layer, count: slopes) else { return }
    // With one slope for all, all elements are one row.
    let inner =
      slopes == 1
      ? input.elementCount : input.shape[(input.channelAxis + 1)...].reduce(1, *)
    let count = batch * input.elementCount
    let output = try makeValue(layer.name, shape: input.shape, channelAxis: input.channelAxis)
    output.needsGradient = needsGradient(layer, [input])
    output.mask = input.mask
    let (source, target) = (try plain(input).buffer, output.forms[0].buffer)
    emit(
      KernelCommand(touching: [source, target, slope.value]) {
        let (from, into) = (source.floats, target.floats)
        let factors = slope.value.floats
        for row in 0..<count / inner {
          let factor = factors[row % slopes]
          for place in row * inner..<(row + 1) * inner {
            into[place] = from[place] > 0 ? from[place] : factor * from[place]
          }
        }
      })
    define(output, for: index)

    onGradient(of: output) { [self] change in
      contribute(to: input, reading: [source, change, slope.value]) { into in
        let (from, onto, factors) = (source.floats, change.floats, slope.value.floats)
        for row in 0..<count / inner {
          let factor = factors[row % slopes]
          for place in row * inner..<(row + 1) * inner {
            into[place] = from[place] > 0 ? onto[place] : factor * onto[place]
          }
        }
      }
      guard options.isTraining else { return }
      try emitChannelSums(slope, channels: slopes, inner: inner, count: count, change, source) {
        $1 > 0 ? 0 : $0 * $1
      }
    }
  }

  /// The gradient of a number for each channel: the sums, in Float64, of what `term` makes of the change
  /// of each element and the element.
  private func emitChannelSums(
    _ slot: ParameterStore.Slot, channels: Int, inner: Int, count: Int, _ change: Buffer,
    _ source: Buffer, _ term: @escaping (Float, Float) -> Float
  ) throws {
    let target = gradientTarget(slot, as: slot.layout)
    emit(
      KernelCommand(touching: [change, source, target.buffer]) {
        let (changes, elements) = (change.floats, source.floats)
        var sums = [Double](repeating: 0, count: channels)
        for row in 0..<count / inner {
          var sum = 0.0
          for place in row * inner..<(row + 1) * inner {
            sum += Double(term(changes[place], elements[place]))
          }
          sums[row % channels] += sum
        }
        for channel in 0..<channels { target.buffer.floats[channel] = Float(sums[channel]) }
      })
    try finishGradient(target, of: slot)
  }
}
