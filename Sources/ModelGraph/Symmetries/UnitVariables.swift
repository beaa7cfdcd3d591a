/// Sets of interchangeable units, refined as axes turn out to move together.
///
/// The channel axis of a layer's output is a list of pieces, each a set of units that may be
/// permuted among themselves. Where two axes must move together their lists are tied: equal sets
/// become one, a set that lies beside two is split, units that lie beside wider ones move in
/// blocks, and what meets a fixed axis is frozen. Every step goes from a set of permutations to a
/// subset that respects the new tie, so the result is sound whatever the order of the ties. This
/// is union-find in which a set may also be replaced by several smaller ones.
struct UnitVariables {
  /// A set of units on a stretch of an axis: unit after unit, each `width` entries.
  struct Piece: Hashable {
    /// The set.
    var variable: Int
    /// How many consecutive entries each unit has.
    var width: Int
  }

  private enum State {
    /// Units that may be permuted.
    case free
    /// Units that stay.
    case frozen
    /// Another set, or several, on the same stretch. Their widths are relative to this one's.
    case replaced([Piece])
  }

  private var states: [State] = []
  private var sizes: [Int] = []
  /// For every set, the index of the layer that first makes its units.
  private var owners: [Int] = []

  /// The number of sets ever made: a measure of the work done.
  var count: Int { states.count }

  /// Makes a set.
  mutating func make(size: Int, owner: Int, isFrozen: Bool = false) -> Int {
    states.append(isFrozen ? .frozen : .free)
    sizes.append(size)
    owners.append(owner)
    return states.count - 1
  }

  /// The number of units.
  func size(_ variable: Int) -> Int { sizes[variable] }
  /// The index of the layer that first makes the units.
  func owner(_ variable: Int) -> Int { owners[variable] }
  /// The number of entries that a piece covers.
  func length(_ piece: Piece) -> Int { sizes[piece.variable] * piece.width }
  /// The number of entries that a list covers.
  func length(_ pieces: [Piece]) -> Int { pieces.reduce(0) { $0 + length($1) } }

  /// Whether the units of a set stay.
  func isFrozen(_ variable: Int) -> Bool {
    if case .frozen = states[variable] { return true }
    return false
  }

  /// The list in terms of the sets that stand now. Where nothing of it may move it is one piece.
  ///
  /// - Complexity: O(pieces of the result and the steps that made them).
  func resolve(_ pieces: [Piece]) -> [Piece] {
    var pending = Array(pieces.reversed())
    var result: [Piece] = []
    while let piece = pending.popLast() {
      guard case .replaced(let parts) = states[piece.variable] else {
        result.append(piece)
        continue
      }
      for part in parts.reversed() {
        pending.append(Piece(variable: part.variable, width: part.width * piece.width))
      }
    }
    return result
  }

  /// Takes a set's freedom away.
  mutating func freeze(_ pieces: [Piece]) {
    for piece in resolve(pieces) { states[piece.variable] = .frozen }
  }

  /// Replaces a set by its first `count` units and the others.
  mutating func split(_ variable: Int, at count: Int) {
    let frozen = isFrozen(variable)
    let head = make(size: count, owner: owners[variable], isFrozen: frozen)
    let tail = make(size: sizes[variable] - count, owner: owners[variable], isFrozen: frozen)
    states[variable] = .replaced([Piece(variable: head, width: 1), Piece(variable: tail, width: 1)])
  }

  /// Replaces a set by blocks of `factor` units that only move as a whole.
  mutating func coarsen(_ variable: Int, by factor: Int) {
    let blocks = make(size: sizes[variable] / factor, owner: owners[variable])
    states[variable] = .replaced([Piece(variable: blocks, width: factor)])
  }

  /// Makes two sets of equal size one; the older stays.
  mutating func unite(_ first: Int, _ second: Int) {
    let kept = min(first, second)
    let gone = max(first, second)
    if isFrozen(gone) { states[kept] = .frozen }
    owners[kept] = min(owners[kept], owners[gone])
    states[gone] = .replaced([Piece(variable: kept, width: 1)])
  }
}
