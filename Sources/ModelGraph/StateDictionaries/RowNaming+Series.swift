extension RowNaming {
  /// Why the names of kernels are not those of one or two numbered series; nil where they are.
  ///
  /// A row is a series, or one of convolutions and one of dense layers. A word of its own stands at an
  /// end only where it speaks of that end (`stem`, `head`): two towers, heads and branches have one
  /// word each, too.
  static func objection(toSeriesOf kernels: [StateModule]) -> String? {
    if let pair = severalEnds(kernels) {
      return "\(pair.0) and \(pair.1) speak of the same end of the network"
    }
    var inner = kernels[...]
    if inner.count > 1, let last = inner.last, !belongs(last, to: inner.dropLast()),
      NameEvidence.mayEnd(last.spokenName)
    {
      inner = inner.dropLast()
    }
    if inner.count > 1, let first = inner.first, !belongs(first, to: inner.dropFirst()),
      NameEvidence.saysStart(first.spokenName)
    {
      inner = inner.dropFirst()
    }
    var previous: (series: String, number: Int, isConvolution: Bool)?
    var members: [(series: String, path: String, count: Int)] = []
    for module in inner {
      let name = module.spokenName
      guard let (series, number) = place(of: name) else { return "the names are not numbered" }
      let isWithinBlock =
        module.className == nil && series.contains { $0.isASCII && $0.isNumber }
      if isWithinBlock { return "\(name) is a layer of a numbered block" }
      let isConvolution = module.kind != .dense
      if let previous, previous.series == series {
        guard number > previous.number else {
          return "the numbers of \(name) and of the layer before it do not rise"
        }
        members[members.count - 1].count += 1
      } else {
        // A second series begins only where convolutions end.
        guard !members.contains(where: { $0.series == series }),
          previous.map({ $0.isConvolution && !isConvolution }) ?? true
        else { return "the names are of several series" }
        members.append((series, name, 1))
      }
      previous = (series, number, isConvolution)
    }
    // One layer alone makes no series, nor do two words of one's own: `box.0` beside `cls.0`.
    let odd = members.first { member in
      (members.count > 1 || member.count == 1) && !NameEvidence.saysSeries(member.path)
    }
    return odd.map { "\($0.path) is of no series" }
  }

  /// The first layer whose name says that it is the last, before others, or the other way round; nil
  /// where there is none.
  static func misplaced(_ kernels: [StateModule]) -> String? {
    let names = kernels.map(\.spokenName)
    if let end = names.firstIndex(where: NameEvidence.saysEnd),
      names[end...].contains(where: { !NameEvidence.saysEnd($0) })
    {
      return names[end]
    }
    if let start = names.lastIndex(where: NameEvidence.saysStart),
      names[...start].contains(where: { !NameEvidence.saysStart($0) })
    {
      return names[start]
    }
    return nil
  }

  /// Two layers that are called alike after one end, and are no places in a sequence: `head1`, `head2`.
  private static func severalEnds(_ kernels: [StateModule]) -> (String, String)? {
    for says in [NameEvidence.saysEnd, NameEvidence.saysStart] {
      let names = kernels.map(\.spokenName).filter { name in
        says(name) && name.split(separator: ".").last.flatMap { Int($0) } == nil
      }
      if names.count > 1 { return (names[0], names[1]) }
    }
    return nil
  }

  private static func belongs(_ module: StateModule, to others: ArraySlice<StateModule>) -> Bool {
    guard let series = place(of: module.spokenName)?.series else { return false }
    return others.contains { place(of: $0.spokenName)?.series == series }
  }
}
