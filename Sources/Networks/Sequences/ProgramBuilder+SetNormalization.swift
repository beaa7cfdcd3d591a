import COneDNN
import ModelGraph
import Support

extension ProgramBuilder {
  /// Division of the channels by the root of their mean square, or of equal blocks of them.
  func compileRMSNormalization(
    _ parameters: RMSNormalization, _ layer: Layer, at index: Int
  ) throws {
    let input = try input(of: layer)
    guard parameters.blocks >= 1, input.channelCount % parameters.blocks == 0 else {
      throw Diagnostic(
        .badData, "\(input.channelCount) channels do not divide into \(parameters.blocks) blocks")
    }
    if parameters.isOfVariance, needsGradient(layer, [input]) { try refuseGradient(layer) }
    try compileSets(
      SetNormalization(
        channelsOf: input.shape, axis: input.channelAxis, batch: batch, blocks: parameters.blocks,
        isCentred: false, epsilon: parameters.epsilon, offset: parameters.offset,
        isOfVariance: parameters.isOfVariance),
      gainCount: input.channelCount / parameters.blocks, input, layer, at: index)
  }

  /// Normalisation of each example over positions and equal groups of channels.
  func compileGroupNormalization(
    groups: Int, epsilon: Double, _ layer: Layer, at index: Int
  ) throws {
    let input = try input(of: layer)
    guard groups >= 1, input.channelCount % groups == 0 else {
      throw Diagnostic(
        .badData, "\(input.channelCount) channels do not divide into \(groups) groups")
    }
    try compileSets(
      SetNormalization(
        groupsOf: input.shape, axis: input.channelAxis, batch: batch, groups: groups,
        epsilon: epsilon), gainCount: input.channelCount, input, layer, at: index)
  }

  /// Whether a layer normalisation is over the channels of each position where these are not the last
  /// axis, as in ConvNeXt; gains over other axes tell that it is not.
  func normalizesChannels(_ layer: Layer, _ input: Value, axisCount: Int) -> Bool {
    axisCount == 1 && input.channelAxis != input.shape.count - 1
      && layer.parameters.allSatisfy { $0.axes == [.output] }
  }

  /// Layer normalisation over channels that are not the last axis.
  func compileChannelNormalization(
    epsilon: Double, _ input: Value, _ layer: Layer, at index: Int
  ) throws {
    try compileSets(
      SetNormalization(
        channelsOf: input.shape, axis: input.channelAxis, batch: batch, blocks: 1, isCentred: true,
        epsilon: epsilon), gainCount: input.channelCount, input, layer, at: index)
  }

  private func compileSets(
    _ sets: SetNormalization, gainCount: Int, _ input: Value, _ layer: Layer, at index: Int
  ) throws {
    let gamma = try vectorSlot(.gamma, of: layer, count: gainCount)
    let beta = try vectorSlot(.beta, of: layer, count: gainCount)
    let output = try makeValue(layer.name, shape: input.shape, channelAxis: input.channelAxis)
    output.needsGradient = needsGradient(layer, [input])
    output.mask = input.mask
    let source = try plain(input).buffer
    let target = output.forms[0].buffer
    let statistics = Buffer(byteCount: 2 * sets.setCount * MemoryLayout<Double>.stride)
    let gains = [gamma, beta].compactMap { $0?.value }
    let threads = Int(onednn_thread_count())
    emit(
      KernelCommand(touching: [source, target, statistics] + gains) {
        nonisolated(unsafe) let (from, into) = (source.floats, target.floats)
        nonisolated(unsafe) let (scale, shift) = (gamma?.value.floats, beta?.value.floats)
        nonisolated(unsafe) let seen = statistics.base.assumingMemoryBound(to: Double.self)
        ProgramBuilder.share(sets.setCount, size: sets.size, threads: threads) {
          sets.run(
            from, into: into, gamma: scale, beta: shift, statistics: seen, sets: $0)
        }
      })
    define(output, for: index)

    onGradient(of: output) { [self] change in
      contribute(to: input, reading: [source, change, statistics] + gains) { target in
        nonisolated(unsafe) let (from, onto) = (source.floats, change.floats)
        nonisolated(unsafe) let (into, scale) = (target, gamma?.value.floats)
        nonisolated(unsafe) let seen = statistics.base.assumingMemoryBound(to: Double.self)
        ProgramBuilder.share(sets.setCount, size: sets.size, threads: threads) {
          sets.runBackward(from, onto, into: into, gamma: scale, statistics: seen, sets: $0)
        }
      }
      guard options.isTraining, gamma != nil || beta != nil else { return }
      let scale = gamma.map { gradientTarget($0, as: $0.layout) }
      let shift = beta.map { gradientTarget($0, as: $0.layout) }
      let targets = [scale, shift].compactMap { $0?.buffer }
      emit(
        KernelCommand(touching: [source, change, statistics] + targets) {
          sets.runGains(
            source.floats, change.floats,
            statistics: statistics.base.assumingMemoryBound(to: Double.self),
            gamma: scale?.buffer.floats, beta: shift?.buffer.floats, count: gainCount)
        })
      if let gamma, let scale { try finishGradient(scale, of: gamma) }
      if let beta, let shift { try finishGradient(shift, of: beta) }
    }
  }

  /// Shares ranges of a number of pieces of work out over threads; little work stays on one.
  static func share(
    _ count: Int, size: Int, threads: Int, _ body: @Sendable (Range<Int>) -> Void
  ) {
    let shares = count * size < 1 << 15 ? 1 : max(1, min(threads, count))
    guard shares > 1 else { return body(0..<count) }
    ThreadLimit.each(shares) { body(count * $0 / shares..<count * ($0 + 1) / shares) }
  }
}
