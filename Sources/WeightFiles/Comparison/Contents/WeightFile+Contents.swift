import Catalogs
public import Support
import Synchronization
public import Tensors

extension WeightFile {
  /// How many elements are hashed at once.
  static let hashedCount = 1 << 16

  /// The contents of all tensors, as hashes, in the catalogue's order.
  ///
  /// - Parameters:
  ///   - others: the element types of the file that this one is compared with: elements are hashed as the
  ///     narrower of them keep them as well.
  ///   - jobs: how many threads work; nil means one a processor.
  ///   - budget: how many bytes of decoded tensors are held at once.
  ///   - isStrict: whether the budget is a promise.
  /// - Throws: as `FileComparison`.
  /// - Complexity: O(elements · types).
  public func contents(
    beside others: Set<ElementType>, jobs: Int? = nil, budget: Int = 256 << 20,
    isStrict: Bool = false, progress: ProgressHandler? = nil
  ) throws -> [TensorContent] {
    let items = try ModelContents(catalogued: self).items
    let transfer = TensorTransfer(WritingOptions(jobs: jobs, budget: budget, isStrict: isStrict))
    let results = Mutex<[TensorContent]>(
      catalog.tensors.map { entry in
        TensorContent(
          shape: entry.shape, elementType: entry.elementType,
          roundedTo: TensorContent.roundings(of: entry.elementType, beside: others))
      })
    let done = Mutex(0)
    try transfer.forEachGroup(items) { group, sources in
      try Parallel.forEach(count: group.count, jobs: jobs) { [catalog] number in
        let index = group.lowerBound + number
        var content = results.withLock { $0[index] }
        do {
          try Self.forEachPiece(of: sources[number], count: content.count) {
            content.add($0, at: $1, hashes: $2)
          }
        } catch let error as Diagnostic {
          throw error.inside(catalog.tensors[index].name).inside(catalog.file)
        }
        results.withLock { [content] in $0[index] = content }
        let count = done.withLock {
          $0 += 1
          return $0
        }
        progress?(ProgressUpdate("reading", completed: count, total: items.count))
      }
    }
    return results.withLock { $0 }
  }

  /// Calls `body` with runs of a tensor's elements, in order, the place of the first, and memory for as
  /// many hashes.
  static func forEachPiece(
    of source: TensorSource, count: Int,
    _ body: (UnsafeBufferPointer<Double>, Int, UnsafeMutableBufferPointer<UInt64>) throws -> Void
  ) throws {
    var buffer = DoubleBuffer()
    let hashes = UnsafeMutableBufferPointer<UInt64>.allocate(
      capacity: min(count, Self.hashedCount))
    hashes.initialize(repeating: 0)
    defer { hashes.deallocate() }
    do {
      for start in stride(from: 0, to: count, by: Self.hashedCount) {
        let values = try buffer.doubles(
          start..<min(count, start + Self.hashedCount), of: source)
        try body(values, start, hashes)
      }
    } catch {
      source.fail(error)
      throw error
    }
  }
}
