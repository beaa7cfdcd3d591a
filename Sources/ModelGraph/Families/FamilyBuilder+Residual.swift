extension FamilyBuilder {
  /// Adds a whole residual network.
  ///
  /// - Returns: the index of its last layer.
  mutating func add(_ plan: ResidualPlan) throws -> Int {
    var x = try graph.input(shape: plan.inputShape)
    switch plan.stem {
    case .large:
      x = try convolution(
        "conv1", x, filters: plan.stemWidth, size: 7, stride: 2, padding: 3, hasBias: false)
    case .small:
      x = try convolution(
        "conv1", x, filters: plan.stemWidth, size: 3, padding: 1, hasBias: false)
    }
    x = try batchNormalization("bn1", x)
    x = try activation("bn1", .relu, x)
    if plan.stem == .large {
      x = try pooling("maxpool", .maximum, x, size: 3, stride: 2, padding: 1)
    }
    stream.append(x)
    for (number, stage) in plan.stages.enumerated() {
      for block in 0..<stage.blocks {
        x = try addBlock(
          "layer\(number + 1).\(block)", x, stage, stride: number > 0 && block == 0 ? 2 : 1,
          plan)
      }
    }
    x = try graph.add("avgpool", .globalPooling(.average, keepsAxes: false), inputs: [x])
    return try add(plan.head, x, classes: plan.classes)
  }

  private mutating func addBlock(
    _ name: String, _ input: Int, _ stage: ResidualPlan.Stage, stride: Int, _ plan: ResidualPlan
  ) throws -> Int {
    var x = input
    if plan.hasBottlenecks {
      x = try normalised("\(name).", 1, x, filters: stage.width, size: 1)
      x = try activation("\(name).bn1", .relu, x)
      x = try normalised(
        "\(name).", 2, x, filters: stage.width, size: 3, stride: stride, groups: stage.groups)
      x = try activation("\(name).bn2", .relu, x)
      x = try normalised("\(name).", 3, x, filters: stage.output, size: 1)
    } else {
      x = try normalised("\(name).", 1, x, filters: stage.width, size: 3, stride: stride)
      x = try activation("\(name).bn1", .relu, x)
      x = try normalised("\(name).", 2, x, filters: stage.output, size: 3)
    }
    let beside = try shortcut(name, input, stage, stride: stride, plan)
    let sum = try graph.add("\(name).add", .add, inputs: [x, beside])
    stream.append(sum)
    return try activation(name, .relu, sum)
  }

  private mutating func normalised(
    _ prefix: String, _ number: Int, _ input: Int, filters: Int, size: Int, stride: Int = 1,
    groups: Int = 1
  ) throws -> Int {
    let x = try convolution(
      "\(prefix)conv\(number)", input, filters: filters, size: size, stride: stride,
      padding: size / 2, groups: groups, hasBias: false)
    return try batchNormalization("\(prefix)bn\(number)", x)
  }

  private mutating func shortcut(
    _ name: String, _ input: Int, _ stage: ResidualPlan.Stage, stride: Int, _ plan: ResidualPlan
  ) throws -> Int {
    let channels = graph.channels(of: input) ?? 0
    if stride == 1, channels == stage.output { return input }
    switch plan.shortcut {
    case .projection(let word):
      let x = try convolution(
        "\(name).\(word).0", input, filters: stage.output, size: 1, stride: stride, padding: 0,
        hasBias: false)
      return try batchNormalization("\(name).\(word).1", x)
    case .zeros:
      var x = input
      if stride > 1 {
        x = try pooling("\(name).subsample", .maximum, x, size: 1, stride: stride)
      }
      let missing = max(0, stage.output - channels)
      if missing == 0 { return x }
      let before = zeros == .around ? missing / 2 : 0
      let padded = try graph.add(
        "\(name).pad", .channelPadding(Margin(before, missing - before)), inputs: [x])
      zeroPadded.append(padded)
      return padded
    }
  }

  /// Where zeros are added and the file does not say in which places, no unit of the stream may move:
  /// a unit's channel lies elsewhere in every reading. Units inside the blocks are free.
  mutating func holdStreamOfUnknownZeros() {
    guard let pad = zeroPadded.first else { return }
    let names = stream.map(graph.name)
    graph.assume(
      Assumption(
        .zeros,
        "whether the shortcut \(graph.name(of: pad)) puts its zeros around the channels or after them "
          + "is not in the file",
        layers: names, tensors: [], alternatives: ["zeros around", "zeros after"], effect: .held,
        settledBy: [.zerosAround, .zerosAfter]))
    for layer in stream { graph.hold(layer) }
    graph.cannotRun(
      "the file does not say where the zeros of its shortcuts without weights stand")
  }
}

/// Where a shortcut without weights puts the zeros for the channels that are missing (He et al. 2016,
/// option A, leave it open).
enum ZeroPlacement: Sendable, Hashable {
  /// Half before the channels, half after.
  case around
  /// All after the channels.
  case after
}
