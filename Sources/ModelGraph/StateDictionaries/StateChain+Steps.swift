import Support

extension StateChain {
  /// The shape of one example: steps of features, or of numbers of a table, where the row has recurrent
  /// layers.
  func inputShape(of first: Link) -> [Int?] {
    if first.module.kind == .embedding { return [nil] }
    var rank = hasSteps ? 1 : 0
    if case .convolution(let spatial) = first.module.kind { rank = spatial }
    let open: [Int?] = Array(repeating: nil, count: rank)
    return orientation == .outputFirst && !hasSteps ? [first.input] + open : open + [first.input]
  }

  /// Where a row with recurrent layers reads several places at once, or makes steps of a map: what the
  /// units before it become is not in the file, so that nothing may move through it.
  func joined(_ link: Link, _ input: Int, _ builder: inout ModelGraph.Builder) throws -> Int {
    guard hasSteps, link.positions > 1 else { return input }
    let name = "\(link.module.path)/inputs"
    let shape = link.module.kind == .recurrent ? [nil, link.input] : [link.input]
    builder.cannotRun(
      "the file does not say how the inputs of \(link.module.path) are put together")
    return try builder.add(
      name, .unsupported("unknown order"), inputs: [input], outputShape: shape)
  }

  /// What running a row with recurrent layers takes for granted; nil without them.
  var assumptionOfSteps: Assumption? {
    let recurrent = links.filter { $0.module.kind == .recurrent }.map(\.module)
    guard !recurrent.isEmpty else { return nil }
    let isPlain = recurrent.contains { $0.recurrent?.kind == .simple }
    return Assumption(
      .row,
      "the last recurrent layer is taken to hand on its last step alone, and states to begin at 0"
        + (isPlain ? ", with tanh" : ""),
      layers: recurrent.map(\.path), alternatives: ["all steps", "a given first state"],
      effect: .running)
  }
}
