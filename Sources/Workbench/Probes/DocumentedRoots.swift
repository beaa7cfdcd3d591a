import Catalogs
import ModelGraph
import Probes
import Support
import Synchronization
import WeightFiles
import ZooIndex

/// The roots of the trees that models of an index are of, by the parents that files name.
struct DocumentedRoots {
  /// The roots, read, in the order of their files.
  let alignment: RootAlignment
  /// The place of each model's root; nil for a model that names no parent and is nobody's.
  let places: [Int?]
  /// Why models have no root to be lined up with, by their place.
  let reasons: [Int: String]
  /// The bytes of tensors that were read.
  let byteCount: Int

  /// Finds and reads the roots of some models, which need not be among the models themselves.
  ///
  /// - Throws: `Diagnostic` of code `usage` where no model names a parent in the index.
  init(
    of files: [String], in index: ZooIndex, options: ZooReading.Options,
    progress: ProgressHandler?
  ) async throws {
    let ends = try Self.ends(index)
    let wanted = Set(files.compactMap { ends.rootOf[$0] }).sorted()
    guard !wanted.isEmpty else {
      throw Diagnostic(
        .usage,
        "no model names the network that it was trained from, so that there is no root to line up with",
        at: [index.path],
        remedy: "index the roots, too, and let files or a table of labels name each model's parent")
    }
    let read = Mutex([ProbeRoot?](repeating: nil, count: wanted.count))
    let bytes = Mutex(0)
    let failures = try await ZooReading(options: options).forEach(
      wanted.compactMap { ends.ids[$0] }, of: index, opensInFull: { _ in true },
      progress: progress
    ) { place, model in
      let root = try model.withNetwork { graph, weights in
        if let broken = BrokenElement(in: weights, of: wanted[place]) { throw broken.diagnostic }
        return ProbeRoot(
          file: wanted[place], graph: try graph.description(), weights: weights)
      }
      read.withLock { $0[place] = root }
      let own = model.entries.filter { root.weights[$0.name] != nil }
      bytes.withLock { $0 += own.reduce(0) { $0 + $1.readByteCount } }
    }
    let roots = read.withLock { $0 }
    if roots.allSatisfy({ $0 == nil }), let first = failures.min(by: { $0.key < $1.key }) {
      throw Diagnostic(.badData, first.value, at: [wanted[first.key]])
    }
    let kept = wanted.indices.filter { roots[$0] != nil }
    let numbers = Dictionary(uniqueKeysWithValues: kept.enumerated().map { (wanted[$1], $0) })
    var reasons: [Int: String] = [:]
    places = files.enumerated().map { place, file in
      if let name = ends.outside[file] {
        reasons[place] = "its root \(name) is not in the index, so that it cannot be lined up"
        return nil
      }
      guard let root = ends.rootOf[file] else { return nil }
      guard let number = numbers[root] else {
        let failure = wanted.firstIndex(of: root).flatMap { failures[$0] } ?? "it was not read"
        reasons[place] = "its root \(root) cannot be matched: \(failure)"
        return nil
      }
      return number
    }
    self.reasons = reasons
    byteCount = bytes.withLock { $0 }
    alignment = try RootAlignment(kept.compactMap { roots[$0] })
  }

  /// Where the parents of all models of an index lead to: a model of the index, or a name of none.
  private static func ends(
    _ index: ZooIndex
  ) throws -> (rootOf: [String: String], outside: [String: String], ids: [String: Int64]) {
    var query = IndexQuery()
    query.columns = ["id", "file", "parent_file", "parent"]
    var (parents, names, ids): ([String: String], [String: String], [String: Int64]) = (
      [:], [:], [:]
    )
    for row in try index.ask(query).rows {
      guard case .integer(let id) = row[0] else { continue }
      ids[row[1].text] = id
      if row[2] != .null {
        parents[row[1].text] = row[2].text
      } else if row[3] != .null {
        names[row[1].text] = row[3].text
      }
    }
    let isParent = Set(parents.values)
    var (rootOf, outside): ([String: String], [String: String]) = ([:], [:])
    for file in ids.keys {
      var end = file
      var seen: Set<String> = [end]
      // Files may name each other.
      while let next = parents[end], seen.insert(next).inserted { end = next }
      if parents[end] != nil { end = seen.min() ?? end }
      if let name = names[end] {
        outside[file] = name
      } else if end != file || isParent.contains(file) {
        rootOf[file] = end
      }
    }
    return (rootOf, outside, ids)
  }
}
