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
  /// The tensors that are still to be paired.
  var left: (a: [Item], b: [Item])
  /// What is no part of the networks: an optimiser's state. It goes with its namesakes only.
  private(set) var aside: (a: Set<Int>, b: Set<Int>)
  /// The tensors of networks' layers that are not shared.
  private var heads: (a: Set<String>, b: Set<String>) = ([], [])
  /// Words for layers of the first file, and those for their partners.
  private var renamed: [String: String] = [:]
  private(set) var pairs: [FilePairing.Pair] = []
  private(set) var reshaped: [FilePairing.Pair] = []
  var notes: [String] = []
  /// Series that nothing pairs, with what they hold.
  private var refused: [(a: [Item], b: [Item], note: String)] = []
  /// Whether numbers of counters were taken for names.
  private(set) var hasCounters = false

  init(_ first: [TensorEntry], _ second: [TensorEntry], transposing: Bool) {
    self.first = first
    self.second = second
    self.transposing = transposing
    left = (Self.items(first), Self.items(second))
    aside = (Self.aside(first), Self.aside(second))
  }

  private static func items(_ entries: [TensorEntry]) -> [Item] {
    entries.enumerated().map { Item(place: $0.offset, name: NameWords($0.element.name)) }
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
    walk(left.a, left.b, from: 0)
    forgetPaired()
  }

  /// Pairs below two folders, however deep names are.
  mutating func walk(_ a: [Item], _ b: [Item], from start: Int) {
    var work = [(a: a, b: b, depth: (a: start, b: start), reason: FilePairing.Reason.name)]
    while let next = work.popLast() {
      let depth = next.depth
      pairLeaves(
        next.a.filter { $0.name.words.count == depth.a },
        next.b.filter { $0.name.words.count == depth.b }, next.reason)
      let folders = (Self.folders(next.a, depth.a), Self.folders(next.b, depth.b))
      for step in steps(folders.0, folders.1, depth) {
        work.append(
          (
            folders.0[step.a] ?? [], folders.1[step.b] ?? [], (depth.a + 1, depth.b + 1),
            step.isOrder ? .order : next.reason
          ))
      }
    }
  }

  /// The items by their next word.
  private static func folders(_ items: [Item], _ depth: Int) -> [String: [Item]] {
    Dictionary(grouping: items.filter { $0.name.words.count > depth }) { $0.name.words[depth] }
  }

  /// The words of two folders that belong together.
  private mutating func steps(
    _ a: [String: [Item]], _ b: [String: [Item]], _ depth: (a: Int, b: Int)
  ) -> [SeriesPairs.Step] {
    var steps: [SeriesPairs.Step] = []
    var rest = (a: Set(a.keys), b: Set(b.keys))
    for word in a.keys.sorted() {
      guard let other = renamed[word], rest.b.contains(other), rest.a.contains(word) else {
        continue
      }
      steps.append(SeriesPairs.Step(a: word, b: other, isOrder: word != other))
      rest.a.remove(word)
      rest.b.remove(other)
    }
    let series = SeriesPairs(rest.a, rest.b) { word, other in
      Self.profile(a[word] ?? [], first, depth.a + 1)
        == Self.profile(b[other] ?? [], second, depth.b + 1)
    }
    steps += series.steps
    hasCounters = hasCounters || series.hasCounters
    notes += series.notes
    for refusal in series.refused {
      refused.append(
        (
          refusal.a.flatMap { a[$0] ?? [] }, refusal.b.flatMap { b[$0] ?? [] }, refusal.note
        ))
    }
    return steps
  }

  /// What a folder holds, without numbers: names and shapes.
  private static func profile(
    _ items: [Item], _ entries: [TensorEntry], _ depth: Int
  ) -> [String] {
    items.map { "\($0.name.series(from: depth)) \(entries[$0.place].shape)" }.sorted()
  }

  private mutating func pairLeaves(_ a: [Item], _ b: [Item], _ reason: FilePairing.Reason) {
    if a.count == 1, b.count == 1 {
      pair(a[0].place, b[0].place, reason)
      return
    }
    // Names that differ by dots and slashes alone: only the very same ones are certain.
    let places = Dictionary(
      b.map { (second[$0.place].name, $0.place) }, uniquingKeysWith: { one, _ in one })
    for item in a {
      guard let other = places[first[item.place].name] else { continue }
      pair(item.place, other, reason)
    }
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
