import Catalogs

extension NamePairing {
  /// First words that wrappers add around a network.
  private static let wrappers: Set<String> = [
    "module", "model", "net", "network", "_orig_mod", "backbone", "encoder", "body", "base_model",
  ]
  /// So many words may stand before the names that both files have.
  private static let mostWords = 3

  /// Words before names: those of the first file, and those of the second in their place.
  private struct Prefixes: Comparable {
    var a: [String]
    var b: [String]
    var count: Int

    static func < (one: Prefixes, other: Prefixes) -> Bool {
      (other.count, one.a.count + one.b.count, one.a.joined(), one.b.joined())
        < (one.count, other.a.count + other.b.count, other.a.joined(), other.b.joined())
    }
  }

  /// Pairs what has one name in both files but for first words that one file adds: a body under a wrapper
  /// and the body alone. Only where more tensors are paired so than by their whole names, and at least
  /// half of what one file has left.
  ///
  /// - Complexity: O(words), times the few first words that so many tensors share.
  mutating func pairWrapped() {
    let items = (
      left.a.filter { !aside.a.contains($0.place) }, left.b.filter { !aside.b.contains($0.place) }
    )
    let least = max(1, (min(items.0.count, items.1.count) + 1) / 2)
    guard !items.0.isEmpty, !items.1.isEmpty else { return }
    let known = pairs.count { $0.reason == .name && !aside.a.contains($0.first) }
    let candidates = (Self.prefixes(items.0, least), Self.prefixes(items.1, least))
    var found: [Prefixes] = []
    for a in candidates.0 {
      let names = Dictionary(
        items.0.filter { $0.name.words.starts(with: a) }.map {
          ($0.name.words.dropFirst(a.count), $0.place)
        }, uniquingKeysWith: { one, _ in one })
      for b in candidates.1 where Self.mayStand(a, b) {
        let count = items.1.count { item in
          guard item.name.words.starts(with: b),
            let place = names[item.name.words.dropFirst(b.count)]
          else { return false }
          return first[place].shape == second[item.place].shape
        }
        if count >= least, count > known { found.append(Prefixes(a: a, b: b, count: count)) }
      }
    }
    found.sort()
    guard let best = found.first else { return }
    let words = "\(Self.text(best.a)) of A's names and \(Self.text(best.b)) of B's"
    if let rival = found.dropFirst().first, rival.count == best.count,
      rival.a.count + rival.b.count == best.a.count + best.b.count
    {
      notes.append(
        "\(best.count) tensors have one name in both files without \(words), and as many without "
          + "\(Self.text(rival.a)) and \(Self.text(rival.b)): not paired")
      return
    }
    var stripped = (Self.stripped(items.0, best.a), Self.stripped(items.1, best.b))
    stripped.0.removeAll { $0.name.words.isEmpty }
    stripped.1.removeAll { $0.name.words.isEmpty }
    let before = pairs.count
    walk(stripped.0, stripped.1, from: 0)
    forgetPaired()
    let taken = [(best.a, "A"), (best.b, "B")].filter { !$0.0.isEmpty }
      .map { "\(Self.text($0.0)) off \($0.1)'s" }.joined(separator: ", ")
    notes.append(
      "names are compared with first words taken off: \(taken) (\(pairs.count - before) tensors)")
  }

  /// Whether such words may be taken off: those of one file; of both, only what wrappers are called.
  private static func mayStand(_ a: [String], _ b: [String]) -> Bool {
    if a.isEmpty != b.isEmpty { return true }
    return !a.isEmpty && (a + b).allSatisfy(wrappers.contains)
  }

  /// The first words that at least so many names have.
  private static func prefixes(_ items: [Item], _ least: Int) -> [[String]] {
    var counts: [[String]: Int] = [[]: items.count]
    for item in items {
      for length in 1...mostWords where item.name.words.count > length {
        counts[Array(item.name.words.prefix(length)), default: 0] += 1
      }
    }
    return counts.filter { $0.value >= least }.map(\.key).sorted { $0.joined() < $1.joined() }
  }

  private static func stripped(_ items: [Item], _ prefix: [String]) -> [Item] {
    items.filter { $0.name.words.starts(with: prefix) }.map { item in
      var item = item
      item.name.words.removeFirst(prefix.count)
      return item
    }
  }

  private static func text(_ words: [String]) -> String {
    words.isEmpty ? "nothing" : words.joined(separator: ".") + "."
  }
}
