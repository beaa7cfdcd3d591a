extension ONNXView {
  /// The view in another shape of as many elements; nil where parts would have to be mixed, or lengths
  /// are not known well enough to tell.
  ///
  /// - Parameters:
  ///   - target: the lengths; −1 for one that is what is left, 0 for that of the axis there. Nil for one
  ///     that is not known.
  ///   - keepsZero: whether 0 means the length of the axis there.
  func reshaped(to target: [ONNXAmount?], keepsZero: Bool, by mover: String) -> ONNXView? {
    guard target.count <= 16 else { return nil }
    let shape = shape
    var lengths: [ONNXAmount?] = []
    for (axis, length) in target.enumerated() {
      switch length?.integer {
      case 0:
        guard keepsZero, shape.indices.contains(axis) else { return nil }
        lengths.append(shape[axis])
      case -1: lengths.append(nil)
      default: lengths.append(length)
      }
    }
    // One length that is not known is what the others leave.
    if let rest = lengths.firstIndex(of: nil) {
      let known = ONNXAmount.product(lengths.compactMap { $0 })
      guard lengths.count(where: { $0 == nil }) == 1,
        let left = ONNXAmount.product(shape).divided(by: known, isWhole: true), left.factor > 0
      else { return nil }
      lengths[rest] = left
    }
    let wanted = lengths.compactMap { $0 }
    guard ONNXAmount.product(wanted) == ONNXAmount.product(shape) else { return nil }
    return divided(into: wanted, by: mover)?.normalized
  }

  private func divided(into lengths: [ONNXAmount], by mover: String) -> ONNXView? {
    // The parts, of which some are cut: by their axis and place, and by what is cut off of them.
    var left = Array(parts.map { Cut(part: $0) }.reversed())
    var rows: [[Cut]] = []
    for length in lengths {
      var need = length
      var row: [Cut] = []
      while !need.isOne {
        guard let next = left.popLast() else { return nil }
        if let rest = need.divided(by: next.part.length, isWhole: true) {
          row.append(next)
          need = rest
        } else if !next.part.isBatch,
          let rest = next.part.length.divided(by: need, isWhole: true)
        {
          let (outer, inner) = next.cut(outer: need, inner: rest)
          row.append(outer)
          left.append(inner)
          need = ONNXAmount(1)
        } else {
          return nil
        }
      }
      rows.append(row)
    }
    guard left.isEmpty else { return nil }
    // The places counted anew: those of the old parts, then those of what they were cut into.
    let order = Dictionary(grouping: rows.flatMap { $0 }, by: \.part.axis).mapValues { cuts in
      cuts.sorted { ($0.part.place, $0.depth) < ($1.part.place, $1.depth) }
        .map { [$0.part.place, $0.depth] }
    }
    var result = self
    result.mover = mover
    result.axes = rows.map { row in
      row.map { cut in
        var part = cut.part
        part.place = order[part.axis]?.firstIndex(of: [part.place, cut.depth]) ?? 0
        return part
      }
    }
    return result
  }

  /// A part, or what is cut off of one.
  private struct Cut {
    var part: Part
    /// How often the part was cut before this.
    var depth = 0

    func cut(outer: ONNXAmount, inner: ONNXAmount) -> (Cut, Cut) {
      var (first, second) = (self, self)
      first.part.length = outer
      second.part.length = inner
      second.depth += 1
      return (first, second)
    }
  }
}
