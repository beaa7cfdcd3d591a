extension UnitVariables {
  /// Makes two axes of equal length move together.
  ///
  /// - Complexity: O(pieces), plus the splits and unions.
  mutating func tie(_ first: [Piece], _ second: [Piece]) {
    var left = Array(first.reversed())
    var right = Array(second.reversed())
    while let x = pop(&left), let y = pop(&right) {
      if x == y { continue }
      if isFrozen(x.variable) || isFrozen(y.variable) || x.variable == y.variable {
        tieFrozen(x, y, &left, &right)
      } else if x.width == y.width {
        tieEqualWidths(x, y, &left, &right)
      } else {
        tieDifferentWidths(x, y)
        left.append(x)
        right.append(y)
      }
    }
    // Axes of different lengths should have been refused before; what is left over must not move.
    freeze(left)
    freeze(right)
  }

  /// The list without its first `length` entries, and those: a boundary inside a set splits it, one
  /// inside a unit freezes it.
  mutating func cut(_ pieces: [Piece], at length: Int) -> (head: [Piece], tail: [Piece]) {
    var pending = Array(pieces.reversed())
    var head: [Piece] = []
    var covered = 0
    while covered < length, let piece = pop(&pending) {
      let rest = length - covered
      if self.length(piece) <= rest {
        head.append(piece)
        covered += self.length(piece)
      } else if isFrozen(piece.variable) {
        head.append(frozenPiece(rest, like: piece))
        pending.append(frozenPiece(self.length(piece) - rest, like: piece))
        covered = length
      } else if rest % piece.width == 0 {
        split(piece.variable, at: rest / piece.width)
        pending.append(piece)
      } else {
        freeze([piece])
        pending.append(piece)
      }
    }
    return (head, pending.reversed())
  }

  /// The next piece in terms of the sets that stand now.
  private func pop(_ pieces: inout [Piece]) -> Piece? {
    guard let piece = pieces.popLast() else { return nil }
    let parts = resolve([piece])
    pieces += parts.dropFirst().reversed()
    return parts.first
  }

  private mutating func frozenPiece(_ length: Int, like piece: Piece) -> Piece {
    Piece(
      variable: make(size: length, owner: owner(piece.variable), isFrozen: true), width: 1)
  }

  /// One of the two stays, or both are the same units in different steps, which only the identity
  /// survives: freezes the other as far as they lie beside each other.
  private mutating func tieFrozen(
    _ x: Piece, _ y: Piece, _ left: inout [Piece], _ right: inout [Piece]
  ) {
    if x.variable == y.variable { freeze([x]) }
    let common = min(length(x), length(y))
    consume(x, common, &left)
    consume(y, common, &right)
  }

  /// Freezes the first `length` entries of a piece and puts the rest back.
  private mutating func consume(_ piece: Piece, _ length: Int, _ list: inout [Piece]) {
    let total = self.length(piece)
    if isFrozen(piece.variable) {
      if total > length { list.append(frozenPiece(total - length, like: piece)) }
      return
    }
    let units = (length + piece.width - 1) / piece.width
    if units < size(piece.variable) {
      split(piece.variable, at: units)
      let parts = resolve([piece])
      list += parts.dropFirst().reversed()
      if let touched = parts.first { consume(touched, length, &list) }
    } else {
      freeze([piece])
      if total > length { list.append(frozenPiece(total - length, like: piece)) }
    }
  }

  private mutating func tieEqualWidths(
    _ x: Piece, _ y: Piece, _ left: inout [Piece], _ right: inout [Piece]
  ) {
    let small = min(size(x.variable), size(y.variable))
    if size(x.variable) == size(y.variable) {
      unite(x.variable, y.variable)
      return
    }
    split(size(x.variable) > small ? x.variable : y.variable, at: small)
    left.append(x)
    right.append(y)
  }

  /// Brings two sets of different widths to a common one, or freezes them where there is none.
  private mutating func tieDifferentWidths(_ x: Piece, _ y: Piece) {
    let (product, overflows) = x.width.multipliedReportingOverflow(by: y.width)
    let common = overflows ? nil : product / greatestCommonDivisor(x.width, y.width)
    for piece in [x, y] {
      guard let common else {
        freeze([piece])
        continue
      }
      let factor = common / piece.width
      if factor == 1 { continue }
      let whole = size(piece.variable) / factor * factor
      if whole == 0 {
        freeze([piece])
      } else if whole == size(piece.variable) {
        coarsen(piece.variable, by: factor)
      } else {
        split(piece.variable, at: whole)
      }
    }
  }

  private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
