import Catalogs
import Support
import Synchronization

/// Two weight files compared, tensor by tensor.
public struct FileComparison: Sendable {
  /// Two tensors that are compared, as places in the catalogues.
  public struct Pair: Sendable, Hashable {
    /// The place of the first.
    public var first: Int
    /// The place of the second.
    public var second: Int
    /// The order of the second's axes under which it has the first's shape; nil where it is its own.
    public var axes: [Int]?

    /// Makes a pair.
    public init(first: Int, second: Int, axes: [Int]? = nil) {
      self.first = first
      self.second = second
      self.axes = axes
    }
  }

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
  ///   - pairs: what is compared with what; the tensors of a pair have one shape, the second's axes being
  ///     in the order that the pair tells.
  ///   - jobs: how many threads work; nil means one a processor.
  ///   - budget: how many bytes of decoded tensors are held at once.
  ///   - isStrict: whether the budget is a promise.
  /// - Throws: `Diagnostic`: `badData` where a tensor is damaged; `failed` where one can only be held as
  ///   a whole, and is larger than a budget that is strict.
  /// - Complexity: O(elements).
  public init(
    _ first: WeightFile, _ second: WeightFile, pairs: [Pair], jobs: Int? = nil,
    budget: Int = 256 << 20, isStrict: Bool = false
  ) throws {
    let options = WritingOptions(jobs: jobs, budget: budget, isStrict: isStrict)
    let entries = (first.catalog.tensors, second.catalog.tensors)
    let transfer = TensorTransfer(options)
    let sides = (
      try ModelContents(catalogued: first).items, try ModelContents(catalogued: second).items
    )
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
    _ pair: Pair, _ first: [ModelContents.Item], _ second: [ModelContents.Item]
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
