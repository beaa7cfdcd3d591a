/// Tensors of a file that have bytes in common.
public struct SharedStorage: Sendable, Hashable {
  /// Their names, in the file's order, with those that are not read.
  public var names: [String]
  /// Whether they are one tensor under several names, and not parts of each other or other views of the
  /// same bytes.
  public var isOneTensor: Bool

  /// Makes a description.
  public init(names: [String], isOneTensor: Bool) {
    self.names = names
    self.isOneTensor = isOneTensor
  }
}

extension Catalog {
  /// The tensors that share their bytes with others: two names of one data set, tied weights of
  /// PyTorch, views. What changes one of them changes the others.
  ///
  /// - Complexity: O(tensors · log tensors).
  public func sharedStorage() -> [SharedStorage] {
    let unread = skipped.compactMap { $0.tensor?.content }
    let entries = tensors + unread
    var sets = UnionFind(count: entries.count)
    var places: [String: Int] = [:]
    for (place, entry) in entries.enumerated() where places[entry.name] == nil {
      places[entry.name] = place
    }
    for (name, target) in linkedTensors {
      if let one = places[name], let other = places[target] { sets.unite(one, other) }
    }
    let runs = entries.enumerated().compactMap { place, entry in
      Run(entry, place: place)
    }.sorted {
      ($0.space.part, $0.space.run, $0.range.lowerBound, $0.place)
        < ($1.space.part, $1.space.run, $1.range.lowerBound, $1.place)
    }
    var widest: Run?
    for run in runs {
      guard let before = widest, before.space == run.space else {
        widest = run
        continue
      }
      if before.range.upperBound > run.range.lowerBound { sets.unite(before.place, run.place) }
      if run.range.upperBound > before.range.upperBound { widest = run }
    }
    var members: [Int: [Int]] = [:]
    for place in entries.indices { members[sets.root(place), default: []].append(place) }
    return members.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }.map { group in
      let first = entries[group[0]]
      // A tensor that is not read is told by its bytes alone.
      let isOneTensor = group.allSatisfy { place in
        let entry = entries[place]
        return entry.shape == first.shape && entry.layout == first.layout
          && entry.elementType == first.elementType && entry.isBigEndian == first.isBigEndian
          && (place < tensors.count) == (group[0] < tensors.count)
      }
      return SharedStorage(names: group.map { entries[$0].name }, isOneTensor: isOneTensor)
    }
  }

  /// The run of bytes in which a tensor's elements lie.
  private struct Run {
    /// The part of the model and, within it, the place of the compressed run that its offsets count in;
    /// -1 where there is none.
    var space: (part: Int, run: Int)
    var range: Range<Int>
    var place: Int

    /// Nil for a tensor that lies in several places, or none.
    init?(_ entry: TensorEntry, place: Int) {
      var inner = entry.asStored
      space = (entry.part, -1)
      if case .deflated(let run, let layout) = inner.layout {
        space.run = run.offset
        inner.layout = layout
      }
      guard let range = try? inner.extent(), !range.isEmpty else { return nil }
      self.range = range
      self.place = place
    }
  }
}

/// Sets that are joined.
private struct UnionFind {
  private var parents: [Int]

  init(count: Int) { parents = Array(0..<count) }

  /// The smallest member of the set of one.
  mutating func root(_ member: Int) -> Int {
    var root = member
    while parents[root] != root { root = parents[root] }
    var next = member
    while parents[next] != root { (parents[next], next) = (root, parents[next]) }
    return root
  }

  mutating func unite(_ one: Int, _ other: Int) {
    let (first, second) = (root(one), root(other))
    parents[max(first, second)] = min(first, second)
  }
}
