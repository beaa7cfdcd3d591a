import Support

/// The words of two folders, one of each file, that belong together.
struct SeriesPairs {
  /// Two words that belong together.
  struct Step {
    var a: String
    var b: String
    /// Whether their numbers come from different counts.
    var isOrder = false
  }

  /// Words of one series that nothing pairs, and why.
  struct Refusal {
    var a: [String]
    var b: [String]
    var note: String
  }

  /// The pairs.
  private(set) var steps: [Step] = []
  /// The series that are left unpaired.
  private(set) var refused: [Refusal] = []
  /// What was taken in order, or as far as both go.
  private(set) var notes: [String] = []
  /// Whether numbers were taken for names.
  private(set) var hasCounters = false

  /// Pairs words.
  ///
  /// Words below which nothing is read as numbers count as members of their series: with them it is
  /// complete, and its numbers are names.
  ///
  /// - Parameters:
  ///   - unread: the words of each file below which there is something that is not read as numbers.
  ///   - fits: whether what stands below a word of the first file has the names and shapes of what
  ///     stands below one of the second.
  /// - Complexity: O(words), apart from sorting and `fits`.
  init(
    _ a: Set<String>, _ b: Set<String>, unread: (a: Set<String>, b: Set<String>) = ([], []),
    fits: (String, String) -> Bool
  ) {
    let (own, other) = (a, b)
    let (a, b) = (own.union(unread.a), other.union(unread.b))
    let bases = Set((a.union(b)).map { CountedWord($0) }.filter { $0.number != nil }.map(\.base))
    let series = (Self.series(a, bases), Self.series(b, bases))
    steps = series.0.chosen.intersection(series.1.chosen).sorted().map { Step(a: $0, b: $0) }
    for base in series.0.counted.keys.sorted() {
      guard let own = series.0.counted[base], let other = series.1.counted[base] else { continue }
      pair(own, other, fits)
    }
    steps.removeAll { !own.contains($0.a) || !other.contains($0.b) }
  }

  /// The words of a folder: those that stand alone, and those of each series by their numbers. Keras does
  /// not number the first layer of a class: `dense` is number 0 of `dense_`.
  private static func series(
    _ words: Set<String>, _ bases: Set<String>
  ) -> (chosen: Set<String>, counted: [String: [Int: String]]) {
    var chosen: Set<String> = []
    var counted: [String: [Int: String]] = [:]
    for word in words.sorted() {
      let parts = CountedWord(word)
      let isFirst = parts.number == nil && bases.contains(word + "_")
      let (base, number) = isFirst ? (word + "_", 0) : (parts.base, parts.number)
      if let number, counted[base]?[number] == nil {
        counted[base, default: [:]][number] = word
      } else {
        chosen.insert(word)
      }
    }
    return (chosen, counted)
  }

  private mutating func pair(
    _ a: [Int: String], _ b: [Int: String], _ fits: (String, String) -> Bool
  ) {
    let (own, other) = (a.keys.sorted(), b.keys.sorted())
    let words = (own.compactMap { a[$0] }, other.compactMap { b[$0] })
    if own == other {
      hasCounters = true
      steps += zip(words.0, words.1).map { Step(a: $0, b: $1) }
      return
    }
    let names = "\(Self.text(words.0)) of A and \(Self.text(words.1)) of B"
    if own.count == other.count {
      // The last one may be a head of another size.
      let isFit = zip(words.0, words.1).dropLast().allSatisfy { fits($0, $1) }
      if isFit {
        steps += zip(words.0, words.1).map { Step(a: $0, b: $1, isOrder: true) }
        notes.append("\(names) are numbers from different counts: paired in order")
        return
      }
    } else if own.first == other.first {
      let common = own.filter { b[$0] != nil }
      if common.count == min(own.count, other.count) {
        hasCounters = true
        steps += common.compactMap { number in
          a[number].flatMap { first in b[number].map { Step(a: first, b: $0) } }
        }
        notes.append("\(names) are not as many: those of the same number are paired")
        return
      }
    }
    refused.append(
      Refusal(
        a: words.0, b: words.1,
        note: "\(names) are numbers from different counts, and do not fit one to one: not paired"))
  }

  /// A series in short.
  private static func text(_ words: [String]) -> String {
    guard let first = words.first, let last = words.last, words.count > 2 else {
      return words.joined(separator: ", ")
    }
    return "\(first) … \(last)"
  }
}
