/// Elements in another order: the axes of an example are divided into parts, the parts change places, and
/// neighbours become one axis again. A transpose has one part for each axis; the flattening of channels
/// that stand last, in the order of a framework that has them first, is `split` [[h], [w], [c]], `order`
/// [2, 0, 1], `joined` [3].
public struct Rearrangement: Sendable, Hashable {
  /// For each axis of the input, the lengths of its parts, outer before inner; none for an axis of one
  /// index. One that only the data decide is −1, and the only one of its axis.
  public var split: [[Int]]
  /// The parts, counted through all axes, in their new order.
  public var order: [Int]
  /// For each axis of the output, of how many parts it is made.
  public var joined: [Int]

  /// Makes a rearrangement.
  public init(split: [[Int]], order: [Int], joined: [Int]) {
    self.split = split
    self.order = order
    self.joined = joined
  }

  /// The parts of each axis of the output.
  public var targets: [[Int]] {
    var rest = order[...]
    return joined.map { count in
      let parts = Array(rest.prefix(count))
      rest = rest.dropFirst(count)
      return parts
    }
  }

  /// Whether every part has one place, and the axes are made of all of them.
  var isSound: Bool {
    let count = split.reduce(0) { $0 + $1.count }
    return order.sorted() == Array(0..<count) && joined.allSatisfy { $0 >= 0 }
      && joined.reduce(0, +) == count
      && split.allSatisfy { $0.count == 1 || !$0.contains(-1) }
  }

  /// The shape of the output for that of the input.
  func outputShape(of input: [Int?]) -> [Int?]? {
    guard isSound, input.count == split.count else { return nil }
    var lengths: [Int?] = []
    for (length, parts) in zip(input, split) {
      if parts == [-1] {
        lengths.append(length)
      } else {
        guard let whole = CheckedShape.product(parts), (length ?? whole) == whole else {
          return nil
        }
        lengths += parts.map(Optional.some)
      }
    }
    return targets.map { parts in CheckedShape.product(parts.map { lengths[$0] }) }
  }
}
