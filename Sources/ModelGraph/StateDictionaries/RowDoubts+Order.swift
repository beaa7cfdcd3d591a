import Support

extension RowDoubts {
  /// Names or the container may speak against the order of the row.
  mutating func doubtOrder() {
    if chain.contradictsFile {
      doubt(
        .row, "the file defines its layers in another order than that in which they fit",
        alternatives: ["layers that do not follow one another"], holding: hidden)
    }
    if let odd = RowNaming.misplaced(kernels.map(\.module)) {
      doubt(
        .row, "the name \(odd) belongs to the other end of the row",
        alternatives: ["layers in another order"], holding: hidden)
    }
    if !chain.keepsOrder, let first = unnumberedFirst {
      doubt(
        .row, "\(first) has no number, and by the shapes stands before the layers that have",
        alternatives: ["layers in another order"], holding: hidden)
    }
    doubtRotation()
    doubtMultiples()
  }

  /// The first layer, where it alone has no number and no word for the beginning.
  private var unnumberedFirst: String? {
    guard let first = kernels.first?.module.spokenName, kernels.count > 1,
      RowNaming.place(of: first) == nil, !NameEvidence.saysStart(first),
      kernels.dropFirst().contains(where: { RowNaming.place(of: $0.module.spokenName) != nil })
    else { return nil }
    return first
  }

  /// A row that ends as wide as it begins may begin at any of its layers, as far as shapes tell. (An
  /// order that fits is an Eulerian trail over widths: no other rows fit where all widths differ.)
  private mutating func doubtRotation() {
    let names = kernels.map(\.module.spokenName)
    guard !naming.isUniform, let first = names.first, let last = names.last,
      widths.first == widths.last, Set(kernels.map(\.module.kind)).count == 1,
      !NameEvidence.saysStart(first), !NameEvidence.saysEnd(last),
      !(NameEvidence.saysEncoder(first) && NameEvidence.saysDecoder(last))
    else { return }
    // Numbers keep their order.
    let open = hidden.filter { boundary in
      Set(names[..<boundary].map(NaturalOrder.series))
        .isDisjoint(with: names[boundary...].map(NaturalOrder.series))
    }
    doubt(
      .row,
      "the last layer makes as many units as the first reads: the row may begin at another layer",
      alternatives: ["layers in another order"], holding: open)
  }

  /// A condition's layer gives a scale and a shift for every unit; where shapes alone give the order, it
  /// may stand anywhere.
  private mutating func doubtMultiples() {
    guard chain.isOrderedByShapes else { return }
    for boundary in hidden {
      let others = kernels.indices.filter { $0 != boundary - 1 && $0 != boundary }
      guard
        let multiple = others.first(where: { index in
          (2...4).contains { $0 * widths[boundary] == kernels[index].output }
        })
      else { continue }
      doubt(
        .row,
        "shapes alone give the order, and \(name(multiple + 1)) makes a multiple of the units of "
          + "\(name(boundary)): scales and shifts, or gates, would fit as well",
        alternatives: ["scales and shifts that a layer computes"], holding: [boundary])
    }
  }
}
