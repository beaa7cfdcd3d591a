extension SymmetryDerivation {
  /// The units along the channels of elements in another order. They are followed where the channels go
  /// to the channels as a whole, with others before or after them; otherwise they stay.
  mutating func rearranged(
    _ index: Int, _ rearrangement: Rearrangement, _ source: Int, _ input: [Piece]
  ) -> [Piece] {
    let before = features(source)
    let after = features(index)
    let starts = rearrangement.split.indices.map { axis in
      rearrangement.split[..<axis].reduce(0) { $0 + $1.count }
    }
    let lengths = Array(rearrangement.split.joined())
    let targets = rearrangement.targets
    guard before.shape.count == rearrangement.split.count,
      targets.indices.contains(after.channelAxis)
    else { return stayed(index, input) }
    let own = rearrangement.split[before.channelAxis].indices.map {
      starts[before.channelAxis] + $0
    }
    let target = targets[after.channelAxis]
    guard let first = own.first, let place = target.firstIndex(of: first),
      target.count >= place + own.count, Array(target[place..<(place + own.count)]) == own
    else { return stayed(index, input) }
    let outer = CheckedShape.product(target[..<place].map { lengths[$0] })
    let inner = CheckedShape.product(target[(place + own.count)...].map { lengths[$0] })
    guard let outer, let inner, outer > 0, inner > 0 else { return stayed(index, input) }
    let pieces = variables.resolve(input)
    if pieces.allSatisfy({ variables.isFrozen($0.variable) }) { return frozen(index) }
    guard outer <= (1 << 20) / max(1, pieces.count) else { return stayed(index, input) }
    let wide = pieces.map { Piece(variable: $0.variable, width: $0.width * inner) }
    return Array(repeatElement(wide, count: outer).joined())
  }

  private mutating func stayed(_ index: Int, _ input: [Piece]) -> [Piece] {
    variables.freeze(input)
    return frozen(index)
  }
}
