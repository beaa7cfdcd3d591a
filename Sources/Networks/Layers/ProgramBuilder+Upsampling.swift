import ModelGraph
import Support

extension ProgramBuilder {
  /// Every position several times.
  func compileUpsampling(_ parameters: Upsampling, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    guard parameters.repeats else {
      throw Diagnostic(.badData, "upsampling by interpolation is not run")
    }
    guard parameters.size.count == input.spatialShape.count,
      parameters.size.allSatisfy({ (1..<1 << 16).contains($0) })
    else {
      throw Diagnostic(.badData, "upsampling by \(parameters.size) does not fit \(input.shape)")
    }
    let spatial = zip(input.spatialShape, parameters.size).map { $0 * $1 }
    let output = try makeValue(
      layer.name, shape: input.shape(channels: input.channelCount, spatial: spatial),
      channelAxis: input.channelAxis)
    output.needsGradient = input.needsGradient
    let repetition = Repetition(
      batch: batch, channels: input.channelCount, isChannelLast: input.channelAxis != 0,
      input: input.spatialShape, size: parameters.size)
    let source = try plain(input).buffer
    let target = output.forms[0].buffer
    emit(
      KernelCommand(touching: [source, target]) {
        repetition.spread(source.floats, into: target.floats)
      })
    define(output, for: index)

    onBackward { [self] in
      guard input.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      let back = makeForm(input.plainLayout)
      emit(
        KernelCommand(touching: [gradient.buffer, back.buffer]) {
          repetition.gather(gradient.buffer.floats, into: back.buffer.floats)
        })
      contribute(back, to: input)
    }
  }
}

/// Where the positions of an upsampled map come from.
private struct Repetition {
  private let batch: Int
  private let channels: Int
  private let isChannelLast: Bool
  private let sources: [Int]
  private let inputCount: Int

  init(batch: Int, channels: Int, isChannelLast: Bool, input: [Int], size: [Int]) {
    (self.batch, self.channels, self.isChannelLast) = (batch, channels, isChannelLast)
    inputCount = input.reduce(1, *)
    var sources = [0]
    for (length, factor) in zip(input, size) {
      sources = sources.flatMap { start in
        (0..<(length * factor)).map { start * length + $0 / factor }
      }
    }
    self.sources = sources
  }

  func spread(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    if isChannelLast {
      for example in 0..<batch {
        let from = source + example * inputCount * channels
        let into = target + example * sources.count * channels
        for (place, origin) in sources.enumerated() {
          (into + place * channels).update(from: from + origin * channels, count: channels)
        }
      }
    } else {
      for plane in 0..<(batch * channels) {
        let from = source + plane * inputCount
        let into = target + plane * sources.count
        for (place, origin) in sources.enumerated() { into[place] = from[origin] }
      }
    }
  }

  func gather(_ gradient: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    target.update(repeating: 0, count: batch * inputCount * channels)
    let width = isChannelLast ? channels : 1
    for plane in 0..<(isChannelLast ? batch : batch * channels) {
      let from = gradient + plane * sources.count * width
      let into = target + plane * inputCount * width
      for (place, origin) in sources.enumerated() {
        for channel in 0..<width {
          into[origin * width + channel] += from[place * width + channel]
        }
      }
    }
  }
}
