import Catalogs

/// Tensors that are paired by their names alone.
///
/// Names are paths of words. A word that somebody chose is the same word in both files. Words that end in
/// numbers are a series: where both files have the same numbers they are names, too; where both have as
/// many, but other ones, they come from different counts, and go in order if what they hold fits one to
/// one; where one file goes on after the other, the common numbers are the same. Any other series is
/// left unpaired, and named.
struct NamePairing {
  /// A tensor with the words of its name that are still to be looked at.
  struct Item {
    var place: Int
    var name: NameWords
  }

  let first: [TensorEntry]
  let second: [TensorEntry]
  let transposing: Bool
  /// The names of what is not read as numbers.
  private let unread: (a: [NameWords], b: [NameWords])
  /// The tensors that are still to be paired.
  var left: (a: [Item], b: [Item])
  /// What is no part of the networks: an optimiser's state. It goes with its namesakes only.
  private(set) var aside: (a: Set<Int>, b: Set<Int>)
  /// The tensors of networks' layers that are not shared.
  private var heads: (a: Set<String>, b: Set<String>) = ([], [])
  /// Words for layers of the first file, and those for their partners.
  var renamed: [String: String] = [:]
  private(set) var pairs: [FilePairing.Pair] = []
  private(set) var reshaped: [FilePairing.Pair] = []
  var notes: [String] = []
  /// Series that nothing pairs, with what they hold.
  var refused: [(a: [Item], b: [Item], note: String)] = []
  /// Whether numbers of counters were taken for names.
  var hasCounters = false

  init(_ a: Catalog, _ b: Catalog, transposing: Bool) {
    let (first, second) = (a.tensors, b.tensors)
    unread = (Self.unread(a), Self.unread(b))
    self.first = first
    self.second = second
    self.transposing = transposing
    left = (Self.items(first), Self.items(second))
    aside = (Self.aside(first), Self.aside(second))
  }

  private static func items(_ entries: [TensorEntry]) -> [Item] {
    entries.enumerated().map { Item(place: $0.offset, name: NameWords($0.element.name)) }
  }

  private static func unread(_ catalog: Catalog) -> [NameWords] {
    catalog.unreadObjects.map { NameWords($0.name) }
  }

  private static func aside(_ entries: [TensorEntry]) -> Set<Int> {
    Set(entries.indices.filter { entries[$0].role != nil })
  }

  /// Leaves out what the graphs paired.
  ///
  /// - Parameters:
  ///   - heads: the tensors of both networks; those that are not paired belong to their heads.
  ///   - renamed: the names of paired layers.
  mutating func leave(
    paired: [FilePairing.Pair], heads: (a: Set<String>, b: Set<String>),
    renamed layers: [(a: String, b: String)]
  ) {
    let taken = (Set(paired.map(\.first)), Set(paired.map(\.second)))
    left.a.removeAll { taken.0.contains($0.place) }
    left.b.removeAll { taken.1.contains($0.place) }
    self.heads = heads
    for (own, other) in layers {
      guard let word = NameWords(own).words.last, let there = NameWords(other).words.last,
        CountedWord(word).number != nil || CountedWord(there).number != nil
      else { continue }
      renamed[word] = there
    }
  }

  /// Pairs by name what is left.
  ///
  /// - Complexity: O(words), apart from sorting.
  mutating func pairNames() {
    walk(left.a, left.b, from: 0, unread: unread)
    forgetPaired()
    leaveUnreadPartners()
  }

  /// Takes off the lists what the other file has under the same name and is not read there: that is
  /// its partner, and no other one is guessed.
  private mutating func leaveUnreadPartners() {
    let names = (Set(unread.a.map(\.words)), Set(unread.b.map(\.words)))
    left.a.removeAll { names.1.contains($0.name.words) }
    left.b.removeAll { names.0.contains($0.name.words) }
  }

  /// Notes two tensors that correspond.
  mutating func pair(
    _ place: Int, _ other: Int, _ reason: FilePairing.Reason, axes: [Int]? = nil
  ) {
    let isOfHead =
      heads.a.contains(first[place].name) || heads.b.contains(second[other].name)
    var pair = FilePairing.Pair(
      first: place, second: other, reason: reason, axes: axes, isOfHead: isOfHead)
    let (shape, there) = (first[place].shape, second[other].shape)
    if shape == there || axes != nil {
      pairs.append(pair)
    } else if transposing, let axes = Self.axes(from: there, to: shape) {
      pair.axes = axes
      pairs.append(pair)
    } else {
      reshaped.append(pair)
    }
  }

  /// The tensors of series that were refused, which nothing is guessed about.
  var refusedPlaces: (a: Set<Int>, b: Set<Int>) {
    (
      Set(refused.flatMap(\.a).map(\.place)), Set(refused.flatMap(\.b).map(\.place))
    )
  }

  /// Says which series were left unpaired, as far as nothing else has paired them since.
  mutating func noteRefusals() {
    let open = (Set(left.a.map(\.place)), Set(left.b.map(\.place)))
    refused.removeAll { refusal in
      !refusal.a.contains { open.0.contains($0.place) }
        || !refusal.b.contains { open.1.contains($0.place) }
    }
    notes += refused.map(\.note)
  }

  /// Takes off the lists what has been paired.
  mutating func forgetPaired() {
    let taken = (
      Set((pairs + reshaped).map(\.first)), Set((pairs + reshaped).map(\.second))
    )
    left.a.removeAll { taken.0.contains($0.place) }
    left.b.removeAll { taken.1.contains($0.place) }
  }
}
