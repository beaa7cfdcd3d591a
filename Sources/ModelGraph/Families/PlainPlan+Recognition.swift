extension PlainPlan {
  /// The plan of a state dictionary whose modules are named as torchvision's VGG and the usual
  /// CIFAR code name them, with `features.N` and dense layers of one name or series (`classifier`,
  /// `classifier.N`, `fc.N`, `fcN`); nil where they are not. The places left out in `features` tell where pooling stands; the size of the input is
  /// what the first dense layer needs.
  static func recognise(_ modules: [StateModule]) -> (plan: PlainPlan, names: Names)? {
    var features: [(place: Int, module: StateModule)] = []
    var classifier: [(place: Int, module: StateModule)] = []
    for module in modules {
      let words = module.path.split(separator: ".").map(String.init)
      if words.count == 2, words[0] == "features", let place = Int(words[1]) {
        features.append((place, module))
      } else if words.count <= 2, module.kind == .dense {
        classifier.append((RowNaming.place(of: module.path)?.number ?? 0, module))
      } else {
        return nil
      }
    }
    let series = Set(classifier.map { RowNaming.place(of: $0.module.path)?.series })
    guard series.count == 1, Set(classifier.map(\.place)).count == classifier.count,
      classifier.allSatisfy({ NameEvidence.branchingWord(in: $0.module.path) == nil })
    else { return nil }
    features.sort { $0.place < $1.place }
    classifier.sort { $0.place < $1.place }
    guard let first = features.first, first.place == 0, let firstDense = classifier.first,
      let last = classifier.last
    else { return nil }

    let isNormalised = features.contains { $0.module.kind == .batchNormalization }
    let period = isNormalised ? 3 : 2
    var steps: [Step] = []
    var names = Names(convolutions: [], normalizations: [], dense: classifier.map(\.module.path))
    var channels = first.module.shape.count == 4 ? first.module.shape[1] : 0
    let inputChannels = channels
    var expected = 0
    for (place, module) in features {
      if module.kind == .batchNormalization {
        guard names.normalizations.count == names.convolutions.count - 1,
          place == expected - 2
        else { return nil }
        names.normalizations.append(module.path)
        continue
      }
      guard module.kind == .convolution(rank: 2), module.shape[1] == channels,
        module.shape.suffix(2) == [3, 3], place == expected || place == expected + 1
      else { return nil }
      if place == expected + 1 { steps.append(.pooling) }
      steps.append(.convolution(width: module.shape[0]))
      names.convolutions.append(module.path)
      channels = module.shape[0]
      expected = place + period
    }
    steps.append(.pooling)
    guard !isNormalised || names.normalizations.count == names.convolutions.count,
      channels > 0, firstDense.module.shape[1] % channels == 0
    else { return nil }
    // Layers next to each other that read as much may be heads beside each other.
    for (before, after) in zip(classifier, classifier.dropFirst())
    where after.place == before.place + 1 {
      if after.module.shape == before.module.shape { return nil }
    }
    // The map that the first dense layer reads is square.
    let positions = firstDense.module.shape[1] / channels
    guard let side = (1...1024).first(where: { $0 * $0 >= positions }), side * side == positions
    else { return nil }
    let pools = steps.count { $0 == .pooling }
    guard pools < 12 else { return nil }
    let plan = PlainPlan(
      inputShape: [inputChannels, side << pools, side << pools], steps: steps,
      isNormalised: isNormalised, hidden: classifier.dropLast().map { $0.module.shape[0] },
      classes: last.module.shape[0])
    return (plan, names)
  }
}
