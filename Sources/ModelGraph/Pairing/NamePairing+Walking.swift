import Catalogs

extension NamePairing {
  /// Pairs below two folders, however deep names are.
  ///
  /// - Parameter unread: what is not read below them.
  mutating func walk(
    _ a: [Item], _ b: [Item], from start: Int, unread: (a: [NameWords], b: [NameWords]) = ([], [])
  ) {
    var work = [
      (a: a, b: b, depth: (a: start, b: start), reason: FilePairing.Reason.name, unread: unread)
    ]
    while let next = work.popLast() {
      let depth = next.depth
      pairLeaves(
        next.a.filter { $0.name.words.count == depth.a },
        next.b.filter { $0.name.words.count == depth.b }, next.reason)
      let folders = (Self.folders(next.a, depth.a), Self.folders(next.b, depth.b))
      let unread = (
        a: next.unread.a.filter { $0.words.count > depth.a },
        b: next.unread.b.filter { $0.words.count > depth.b }
      )
      let words = (
        a: Set(unread.a.map { $0.words[depth.a] }), b: Set(unread.b.map { $0.words[depth.b] })
      )
      for step in steps(folders.0, folders.1, depth, unread: words) {
        work.append(
          (
            folders.0[step.a] ?? [], folders.1[step.b] ?? [], (depth.a + 1, depth.b + 1),
            step.isOrder ? .order : next.reason,
            (
              unread.a.filter { $0.words[depth.a] == step.a },
              unread.b.filter { $0.words[depth.b] == step.b }
            )
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
    _ a: [String: [Item]], _ b: [String: [Item]], _ depth: (a: Int, b: Int),
    unread: (a: Set<String>, b: Set<String>)
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
    let series = SeriesPairs(rest.a, rest.b, unread: unread) { word, other in
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
}
