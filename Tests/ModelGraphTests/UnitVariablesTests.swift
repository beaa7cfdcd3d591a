import Testing

@testable import ModelGraph

/// Two lists of (size, width) to be tied.
struct Sides: Sendable {
  var left: [(Int, Int)]
  var right: [(Int, Int)]
}

private let sidesToTie: [Sides] = [
  Sides(left: [(4, 1)], right: [(4, 1)]),
  Sides(left: [(4, 1)], right: [(1, 1), (3, 1)]),
  Sides(left: [(4, 1)], right: [(2, 2)]),
  Sides(left: [(2, 1), (2, 1)], right: [(1, 1), (3, 1)]),
  Sides(left: [(5, 1)], right: [(2, 2), (1, 1)]),
  Sides(left: [(2, 1), (3, 1)], right: [(3, 1), (2, 1)]),
]

@Suite("Sets of units")
struct UnitVariablesTests {
  typealias Piece = UnitVariables.Piece

  /// A small generator of its own, so that a failure can be repeated.
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  /// For every entry of a list, where it comes from when each set is permuted.
  private func gather(
    _ list: [Piece], _ variables: UnitVariables, _ permutations: [Int: [Int]]
  ) -> [Int] {
    var result: [Int] = []
    for piece in variables.resolve(list) {
      let start = result.count
      let permutation = permutations[piece.variable] ?? Array(0..<variables.size(piece.variable))
      for unit in permutation {
        for offset in 0..<piece.width { result.append(start + unit * piece.width + offset) }
      }
    }
    return result
  }

  @Test("Whatever is tied, tied axes move alike, and frozen ones do not move", arguments: 0..<300)
  func soundness(_ seed: Int) {
    var random = Generator(state: UInt64(seed) &* 7919 &+ 1)
    var variables = UnitVariables()
    var lists: [[Piece]] = []
    let length = [12, 16, 24].randomElement(using: &random) ?? 12
    for owner in 0..<6 {
      var list: [Piece] = []
      var rest = length
      while rest > 0 {
        let width = [1, 1, 1, 2, 3].filter { rest % $0 == 0 }.randomElement(using: &random) ?? 1
        let size = Int.random(in: 1...(rest / width), using: &random)
        let reused = lists.joined().filter { variables.length($0) <= rest }
          .randomElement(using: &random)
        if let reused, Int.random(in: 0..<4, using: &random) == 0 {
          list.append(reused)
          rest -= variables.length(reused)
        } else {
          list.append(Piece(variable: variables.make(size: size, owner: owner), width: width))
          rest -= size * width
        }
      }
      lists.append(list)
    }
    var ties: [(Int, Int)] = []
    for _ in 0..<4 {
      let pair = (Int.random(in: 0..<6, using: &random), Int.random(in: 0..<6, using: &random))
      variables.tie(lists[pair.0], lists[pair.1])
      ties.append(pair)
    }
    var permutations: [Int: [Int]] = [:]
    for list in lists {
      #expect(variables.length(variables.resolve(list)) == length)
      for piece in variables.resolve(list) where !variables.isFrozen(piece.variable) {
        if permutations[piece.variable] != nil { continue }
        permutations[piece.variable] =
          Array(0..<variables.size(piece.variable)).shuffled(using: &random)
      }
    }
    for (a, b) in ties {
      #expect(
        gather(lists[a], variables, permutations) == gather(lists[b], variables, permutations))
    }
  }

  /// The number of permutations that respect a tie, by trying all pairs; against the product of
  /// factorials of the sets that remain.
  @Test("As much freedom stays as there is", arguments: sidesToTie)
  func completeness(_ sides: Sides) {
    var variables = UnitVariables()
    let lists = [sides.left, sides.right].map { side in
      side.map { Piece(variable: variables.make(size: $0.0, owner: 0), width: $0.1) }
    }
    let before = variables
    variables.tie(lists[0], lists[1])
    var free: [Int: Int] = [:]
    for piece in lists.flatMap({ variables.resolve($0) })
    where !variables.isFrozen(piece.variable) {
      free[piece.variable] = variables.size(piece.variable)
    }
    let found = free.values.map { (1...$0).reduce(1, *) }.reduce(1, *)
    let left = Set(allGathers(lists[0], before))
    let right = Set(allGathers(lists[1], before))
    #expect(found == left.intersection(right).count)
  }

  private func allGathers(_ list: [Piece], _ variables: UnitVariables) -> [[Int]] {
    var results: [[Int: [Int]]] = [[:]]
    for piece in list {
      let orders = permutations(of: variables.size(piece.variable))
      results = results.flatMap { partial in
        orders.map { order in
          var copy = partial
          copy[piece.variable] = order
          return copy
        }
      }
    }
    return results.map { gather(list, variables, $0) }
  }

  private func permutations(of count: Int) -> [[Int]] {
    if count == 0 { return [[]] }
    return permutations(of: count - 1).flatMap { shorter in
      (0..<count).map { place in
        var longer = shorter
        longer.insert(count - 1, at: place)
        return longer
      }
    }
  }

  @Test func cutSplitsSetsAndFreezesUnits() {
    var variables = UnitVariables()
    let units = variables.make(size: 3, owner: 0)
    let (head, tail) = variables.cut([Piece(variable: units, width: 2)], at: 2)
    #expect(variables.length(head) == 2 && variables.length(tail) == 4)
    #expect(!variables.isFrozen(variables.resolve(tail)[0].variable))
    let wide = variables.make(size: 2, owner: 0)
    let parts = variables.cut([Piece(variable: wide, width: 3)], at: 2)
    #expect(variables.length(parts.head) == 2 && variables.length(parts.tail) == 4)
    #expect(variables.isFrozen(variables.resolve([Piece(variable: wide, width: 3)])[0].variable))
  }
}
