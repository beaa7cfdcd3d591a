/// Which tensors of two files are compared.
///
/// Tensors of one name and shape belong together; `fc.weight` and `fc/weight` are one name, where no
/// other is like them: HDF5 has groups for what others write with dots. Of the rest, those of one shape
/// are paired in their order where both files have equally many of it; that is a guess, and said to be
/// one. What is no part of the network, as an optimiser's state, is never guessed about.
public struct TensorPairing: Sendable {
  /// Why two tensors are compared.
  public enum Reason: String, Sendable, Hashable {
    case name
    case shapeAndOrder
  }

  /// Two tensors that are compared, as places in the catalogues.
  public struct Pair: Sendable, Hashable {
    /// The place of the first.
    public var first: Int
    /// The place of the second.
    public var second: Int
    /// Why.
    public var reason: Reason
    /// The order of the second's axes under which it has the first's shape; nil where it is its own.
    public var axes: [Int]?
  }

  /// The pairs, in the first file's order.
  public private(set) var pairs: [Pair] = []
  /// Tensors of one name and several shapes.
  public private(set) var reshaped: [(first: Int, second: Int)] = []
  /// Tensors that only the first file has.
  public private(set) var removed: [Int] = []
  /// Tensors that only the second file has.
  public private(set) var added: [Int] = []
  /// What was guessed, or could not be.
  public private(set) var notes: [String] = []

  /// Pairs the tensors of two catalogues.
  ///
  /// - Parameters:
  ///   - first: one file's tensors.
  ///   - second: the other's.
  ///   - transposing: whether kernels [in, out] are compared with [out, in], and [height, width, in,
  ///     out] with [out, in, height, width].
  ///   - isAside: whether a tensor of that name is no part of the network.
  /// - Complexity: O(tensors).
  public init(
    _ first: [TensorEntry], _ second: [TensorEntry], transposing: Bool = false,
    isAside: (String) -> Bool = { _ in false }
  ) {
    let byName = Dictionary(
      second.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { one, _ in one })
    var rest: [Int] = []
    var taken: Set<Int> = []
    for (index, entry) in first.enumerated() {
      guard let place = byName[entry.name] else {
        rest.append(index)
        continue
      }
      taken.insert(place)
      pairNamesakes(index, place, first, second, transposing: transposing)
    }
    var others = second.indices.filter { !taken.contains($0) }
    pairByPath(&rest, &others, first, second, transposing: transposing)
    let (restAside, othersAside) = (
      rest.filter { isAside(first[$0].name) }, others.filter { isAside(second[$0].name) }
    )
    rest.removeAll { isAside(first[$0].name) }
    others.removeAll { isAside(second[$0].name) }
    pairByShape(&rest, &others, first, second) { $0 }
    if transposing {
      pairByShape(&rest, &others, first, second) { Self.transposed($0) }
    }
    let guesses = pairs.count { $0.reason == .shapeAndOrder }
    if guesses > 0 {
      notes.append(
        "\(guesses) tensors have no namesake; they are compared with those of their shape, in order"
      )
    }
    pairs.sort { $0.first < $1.first }
    reshaped.sort { $0.first < $1.first }
    removed = (rest + restAside).sorted()
    added = (others + othersAside).sorted()
  }

  private mutating func pairNamesakes(
    _ index: Int, _ place: Int, _ first: [TensorEntry], _ second: [TensorEntry], transposing: Bool
  ) {
    let (shape, other) = (first[index].shape, second[place].shape)
    if shape == other {
      pairs.append(Pair(first: index, second: place, reason: .name))
    } else if transposing, let axes = Self.axes(from: other, to: shape) {
      pairs.append(Pair(first: index, second: place, reason: .name, axes: axes))
    } else {
      reshaped.append((index, place))
    }
  }

  /// Pairs what has one name but for dots and slashes.
  private mutating func pairByPath(
    _ rest: inout [Int], _ others: inout [Int], _ first: [TensorEntry], _ second: [TensorEntry],
    transposing: Bool
  ) {
    func path(_ name: String) -> String { name.replacing("/", with: ".") }
    let mine = Dictionary(grouping: rest) { path(first[$0].name) }
    let theirs = Dictionary(grouping: others) { path(second[$0].name) }
    var paired: Set<Int> = []
    rest.removeAll { index in
      let name = path(first[index].name)
      guard mine[name]?.count == 1, let places = theirs[name], places.count == 1 else {
        return false
      }
      paired.insert(places[0])
      pairNamesakes(index, places[0], first, second, transposing: transposing)
      return true
    }
    others.removeAll { paired.contains($0) }
  }

  /// Pairs what is left, shape by shape.
  private mutating func pairByShape(
    _ rest: inout [Int], _ others: inout [Int], _ first: [TensorEntry], _ second: [TensorEntry],
    key: ([Int]) -> [Int]?
  ) {
    var groups: [[Int]: [Int]] = [:]
    for place in others {
      if let shape = key(second[place].shape) { groups[shape, default: []].append(place) }
    }
    let counts = Dictionary(grouping: rest) { first[$0].shape }.mapValues(\.count)
    for (shape, count) in counts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      guard let group = groups[shape], group.count != count else { continue }
      notes.append(
        "of shape \(shape), A has \(count) further tensors and B \(group.count): not compared")
    }
    var used: Set<Int> = []
    var next: [[Int]: Int] = [:]
    rest = rest.filter { index in
      let shape = first[index].shape
      guard let group = groups[shape], group.count == counts[shape] else { return true }
      let place = group[next[shape, default: 0]]
      next[shape, default: 0] += 1
      used.insert(place)
      let axes =
        second[place].shape == shape ? nil : Self.axes(from: second[place].shape, to: shape)
      pairs.append(Pair(first: index, second: place, reason: .shapeAndOrder, axes: axes))
      return false
    }
    others = others.filter { !used.contains($0) }
  }

  /// The order of axes that takes one framework's kernel to the other's.
  private static func order(_ rank: Int) -> [[Int]] {
    switch rank {
    case 2: [[1, 0]]
    case 4: [[3, 2, 0, 1], [2, 3, 1, 0]]
    default: []
    }
  }

  private static func axes(from shape: [Int], to target: [Int]) -> [Int]? {
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
