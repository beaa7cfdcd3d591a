import Support

extension ResidualPlan {
  /// The plan of a state dictionary whose modules are named as torchvision and the usual CIFAR code
  /// name them; nil where they are not.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the names are those of a residual network and
  ///   something about it is not understood.
  ///
  /// - Parameter keepsOrder: whether the modules stand in the order of their definition.
  init?(recognising modules: [StateModule], keepsOrder: Bool) throws {
    var shapes: [String: [Int]] = [:]
    for module in modules { shapes[module.path] = module.shape }
    guard let stem = shapes["conv1"], stem.count == 4, shapes["layer1.0.conv1"] != nil else {
      return nil
    }
    guard shapes["bn1"] != nil else {
      throw Diagnostic(
        .badData,
        "residual networks without batch normalisation after the first convolution, or "
          + "with it before their convolutions, are not understood", at: ["conv1"],
        remedy: Remedies.describeNetwork)
    }
    try ResidualPlan.refuseEarlyNormalization(modules, shapes, keepsOrder: keepsOrder)
    let isLarge = stem[2] == 7
    let hasBottlenecks = shapes["layer1.0.conv3"] != nil

    var stages: [Stage] = []
    while let first = shapes["layer\(stages.count + 1).0.conv1"], first.count == 4 {
      let name = "layer\(stages.count + 1)"
      if let scale = shapes["\(name).0.bn1"], scale != [first[0]] {
        throw Diagnostic(
          .badData, "normalisation before convolutions is not understood", at: ["\(name).0.bn1"],
          remedy: Remedies.describeNetwork)
      }
      var blocks = 0
      while shapes["\(name).\(blocks).conv1"] != nil { blocks += 1 }
      let last = shapes["\(name).0.conv\(hasBottlenecks ? 3 : 2)"] ?? first
      let middle = shapes["\(name).0.conv2"] ?? first
      let groups = hasBottlenecks && middle.count == 4 && middle[1] > 0 ? first[0] / middle[1] : 1
      stages.append(
        Stage(width: first[0], output: last[0], blocks: blocks, groups: max(1, groups)))
    }
    let isHead = { (module: StateModule) in
      !["conv1", "bn1"].contains(module.path) && !module.path.hasPrefix("layer")
    }
    let features = stages.last?.output ?? 0
    guard let head = HeadPlan(modules.filter(isHead), features: features, keepsOrder: keepsOrder)
    else { return nil }
    let words = ["downsample", "shortcut"]
    let word = words.first { word in shapes.keys.contains { $0.hasSuffix(".\(word).0") } }
    self.init(
      inputShape: [stem[1], nil, nil],
      stem: isLarge ? .large : .small, stemWidth: stem[0], stages: stages,
      hasBottlenecks: hasBottlenecks,
      shortcut: word.map { .projection(name: $0) } ?? .zeros, head: head,
      classes: head.last.flatMap { shapes[$0]?.first } ?? features)
  }

  /// Refuses blocks that normalise before their convolutions, which have the same names: the order of
  /// definition tells, or the width of a convolution that is not square. Where neither does, nobody
  /// knows.
  private static func refuseEarlyNormalization(
    _ modules: [StateModule], _ shapes: [String: [Int]], keepsOrder: Bool
  ) throws {
    let places = Dictionary(
      modules.enumerated().map { ($0.element.path, $0.offset) }, uniquingKeysWith: { a, _ in a })
    if keepsOrder, let norm = places["bn1"],
      let block = modules.firstIndex(where: { $0.path.hasPrefix("layer1.") }), norm > block
    {
      throw Diagnostic(
        .badData,
        "normalisation after the last block, as of networks that normalise before their convolutions, "
          + "is not understood", at: ["bn1"],
        remedy: Remedies.describeNetwork)
    }
    let firsts = modules.map(\.path).filter {
      $0.hasPrefix("layer") && $0.hasSuffix(".conv1")
    }
    var isTold = keepsOrder
    for path in firsts {
      let norm = path.dropLast("conv1".count) + "bn1"
      guard let shape = shapes[path], shape.count == 4, let scale = shapes[String(norm)] else {
        continue
      }
      let isEarly =
        keepsOrder && (places[String(norm)] ?? .max) < (places[path] ?? 0)
        || scale != [shape[0]]
      if isEarly {
        throw Diagnostic(
          .badData, "normalisation before convolutions is not understood", at: [String(norm)],
          remedy: Remedies.describeNetwork)
      }
      if shape[0] != shape[1] { isTold = true }
    }
    guard isTold || firsts.isEmpty else {
      throw Diagnostic(
        .badData,
        "all channels are of one width, so that nothing tells whether the blocks normalise before or "
          + "after their convolutions", at: [firsts[0]],
        remedy: Remedies.describeNetwork)
    }
  }
}
