import Synchronization

/// Memory in which one thread works on a tensor, block by block: elements of all inputs as they are
/// stored, and one block of each as Float64.
final class MergeWorkspace {
  /// How many elements are read at once of each input: what is read stays in the cache until it has
  /// been worked on.
  static let readCount = 1 << 15
  /// How many elements are worked on at once.
  static let blockCount = 2048
  /// Blocks beside those of the inputs.
  static let spareCount = 4

  /// How many differences other than zero stayed of each input, where magnitudes decide; counted
  /// until it is set to zero.
  var staying: [Int]

  private let stored: UnsafeMutableRawPointer
  private let blocks: UnsafeMutablePointer<Double>
  private let inputCount: Int

  /// Makes memory for some inputs.
  init(inputCount: Int) {
    self.inputCount = inputCount
    staying = Array(repeating: 0, count: inputCount)
    stored = .allocate(byteCount: inputCount * MergeWorkspace.readCount * 8, alignment: 64)
    blocks = .allocate(
      capacity: (inputCount + MergeWorkspace.spareCount) * MergeWorkspace.blockCount)
    blocks.initialize(
      repeating: 0,
      count: (inputCount + MergeWorkspace.spareCount) * MergeWorkspace.blockCount)
  }

  deinit {
    stored.deallocate()
    blocks.deallocate()
  }

  /// Room for the stored elements of an input.
  func stored(_ input: Int, byteCount: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      start: stored + input * MergeWorkspace.readCount * 8, count: byteCount)
  }

  /// The block of an input, or one of the spare ones after them.
  func block(_ index: Int) -> UnsafeMutablePointer<Double> {
    blocks + index * MergeWorkspace.blockCount
  }

  /// One of the blocks beside those of the inputs.
  func spare(_ index: Int) -> UnsafeMutablePointer<Double> { block(inputCount + index) }
}

/// Workspaces that threads take and give back.
final class WorkspacePool: Sendable {
  private let inputCount: Int
  private let free = Mutex<[Box]>([])

  /// Handed from one thread to the next, and used by one at a time.
  private struct Box: @unchecked Sendable {
    let workspace: MergeWorkspace
  }

  /// Makes an empty pool.
  init(inputCount: Int) { self.inputCount = inputCount }

  /// Calls `body` with a workspace that nobody else has.
  func withWorkspace<Result>(_ body: (MergeWorkspace) throws -> Result) rethrows -> Result {
    let box =
      free.withLock { $0.popLast() } ?? Box(workspace: MergeWorkspace(inputCount: inputCount))
    defer { free.withLock { $0.append(box) } }
    return try body(box.workspace)
  }
}
