import Catalogs

extension NamePairing {
  /// Pairs what is left, shape by shape, in the order of the files: a guess, and said to be one. What is no
  /// part of the network and series that were refused stay as they are.
  mutating func pairShapes() {
    let refused = refusedPlaces
    let kept = (refused.a.union(aside.a), refused.b.union(aside.b))
    let before = pairs.count
    pairShapes(kept) { $0 }
    if transposing { pairShapes(kept) { Self.transposed($0) } }
    let guesses = pairs.count - before
    if guesses > 0 {
      notes.append(
        "\(guesses) tensors have no namesake; they are compared with those of their shape, in order"
      )
    }
    forgetPaired()
  }

  private mutating func pairShapes(_ kept: (Set<Int>, Set<Int>), key: ([Int]) -> [Int]?) {
    var groups: [[Int]: [Int]] = [:]
    for item in left.b where !kept.1.contains(item.place) {
      if let shape = key(second[item.place].shape) {
        groups[shape, default: []].append(item.place)
      }
    }
    let own = Dictionary(grouping: left.a.map(\.place).filter { !kept.0.contains($0) }) {
      first[$0].shape
    }
    for (shape, places) in own.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      guard let group = groups[shape] else { continue }
      guard group.count == places.count else {
        notes.append(
          "of shape \(shape), A has \(places.count) further tensors and B \(group.count): not compared"
        )
        continue
      }
      for (place, other) in zip(places, group) {
        let there = second[other].shape
        pair(
          place, other, .shapeAndOrder,
          axes: there == shape ? nil : Self.axes(from: there, to: shape))
      }
    }
    forgetPaired()
  }

  /// The order of axes that takes one framework's kernel to the other's.
  private static func order(_ rank: Int) -> [[Int]] {
    switch rank {
    case 2: [[1, 0]]
    case 4: [[3, 2, 0, 1], [2, 3, 1, 0]]
    default: []
    }
  }

  /// The order of a kernel's axes under which it has the other framework's shape; nil where none has.
  static func axes(from shape: [Int], to target: [Int]) -> [Int]? {
    order(shape.count).first { $0.map { shape[$0] } == target }
  }

  /// The shape of the first file's kernel for one of the second's; the first file's kernels are
  /// taken for [height, width, in, out] where the last axes are the larger ones.
  private static func transposed(_ shape: [Int]) -> [Int]? {
    switch shape.count {
    case 2: [shape[1], shape[0]]
    case 4 where shape[0] * shape[1] >= shape[2] * shape[3]:
      [shape[2], shape[3], shape[1], shape[0]]
    case 4: [shape[3], shape[2], shape[0], shape[1]]
    default: nil
    }
  }
}
