import Synchronization
import WorkbenchCore

/// Two weight files compared, tensor by tensor.
public struct FileComparison: Sendable {
  /// Which tensors were compared.
  public let pairing: TensorPairing
  /// How far apart the tensors of each pair are, in the order of the pairs.
  public let differences: [TensorDifference]

  /// How far apart they are over all pairs.
  public var total: TensorDifference {
    differences.reduce(into: TensorDifference()) { $0.add($1) }
  }

  /// How many elements are compared at once.
  private static let rangeCount = 1 << 17

  /// Reads and compares. Tensors that lie in one run of a file are read range by range; of the
  /// others, as many are held at once as the budget allows, and larger ones are read in their order.
  /// The result depends neither on the number of jobs nor on the budget.
  ///
  /// - Parameters:
  ///   - jobs: how many threads work; nil means one a processor.
  ///   - budget: how many bytes of decoded tensors are held at once.
  ///   - isStrict: whether the budget is a promise.
  ///   - isAside: whether a tensor of that name is no part of the network, and compared with its
  ///     namesake only.
  /// - Throws: `Diagnostic`: `badData` where a tensor is damaged; `failed` where one can only be held as
  ///   a whole, and is larger than a budget that is strict.
  /// - Complexity: O(elements).
  public init(
    _ first: WeightFile, _ second: WeightFile, transposing: Bool = false,
    jobs: Int? = nil, budget: Int = 256 << 20, isStrict: Bool = false,
    isAside: (String) -> Bool = { _ in false }
  ) throws {
    let options = WritingOptions(jobs: jobs, budget: budget, isStrict: isStrict)
    let entries = (first.catalog.tensors, second.catalog.tensors)
    pairing = TensorPairing(
      entries.0, entries.1, transposing: transposing, isAside: isAside)
    let transfer = TensorTransfer(options)
    let sides = (
      try ModelContents(catalogued: first).items, try ModelContents(catalogued: second).items
    )
    let pairs = pairing.pairs
    var differences: [TensorDifference] = []
    var begin = 0
    while begin < pairs.count {
      var end = begin
      var held = 0
      while end < pairs.count {
        let cost = Self.cost(pairs[end], sides.0, sides.1)
        if end > begin, held + cost > budget { break }
        held += cost
        end += 1
      }
      try Task.checkCancellation()
      let group = pairs[begin..<end]
      let a = try transfer.sources(group.map { sides.0[$0.first] }[...])
      var b = try transfer.sources(group.map { sides.1[$0.second] }[...])
      for (index, pair) in group.enumerated() {
        guard let axes = pair.axes else { continue }
        do {
          b[index] = try b[index].transposed(entries.1[pair.second].shape, axes, options.opening)
        } catch let error as Diagnostic {
          throw error.inside(entries.1[pair.second].name).inside(second.catalog.file)
        }
      }
      differences += try Self.compare(group.map { entries.0[$0.first] }, a, b, jobs: jobs)
      begin = end
    }
    self.differences = differences
  }

  private static func cost(
    _ pair: TensorPairing.Pair, _ first: [ModelContents.Item], _ second: [ModelContents.Item]
  ) -> Int {
    let (a, b) = (first[pair.first], second[pair.second])
    return a.heldByteCount + (pair.axes != nil ? 2 * b.byteCount : b.heldByteCount)
  }

  private static func compare(
    _ entries: [TensorEntry], _ first: [TensorSource], _ second: [TensorSource], jobs: Int?
  ) throws -> [TensorDifference] {
    var ranges: [(tensor: Int, elements: Range<Int>)] = []
    for (index, entry) in entries.enumerated() {
      for start in stride(from: 0, to: entry.elementCount, by: rangeCount) {
        ranges.append((index, start..<min(entry.elementCount, start + rangeCount)))
      }
    }
    let parts = Mutex([TensorDifference](repeating: TensorDifference(), count: ranges.count))
    try forEachIndex(count: ranges.count, jobs: jobs, workspace: { Space() }) {
      [ranges] space, index in
      let (tensor, elements) = ranges[index]
      do {
        let a = try space.first.doubles(elements, of: first[tensor])
        let b = try space.second.doubles(elements, of: second[tensor])
        var part = TensorDifference()
        part.add(a, b)
        parts.withLock { [part] in $0[index] = part }
      } catch {
        first[tensor].fail(error)
        second[tensor].fail(error)
        guard let error = error as? Diagnostic else { throw error }
        throw error.inside(entries[tensor].name)
      }
    }
    var differences = [TensorDifference](repeating: TensorDifference(), count: entries.count)
    for (range, part) in zip(ranges, parts.withLock { $0 }) { differences[range.tensor].add(part) }
    return differences
  }

  private struct Space: ~Copyable {
    var first = DoubleBuffer()
    var second = DoubleBuffer()
  }
}
