import Dispatch
import Synchronization

extension Parallel {
  /// Calls `body` once for every item, each after the item that it depends on, at most `jobs` at a
  /// time, and waits.
  ///
  /// Of the items that may begin, the one with the lowest index does. After an error no new item is
  /// begun, and the error of the lowest index that failed is thrown.
  ///
  /// - Parameters:
  ///   - dependencies: for each item, the index of the item that comes before it; nil where it can
  ///     begin at once. They form no cycle.
  ///   - jobs: how many run at once; nil means one a processor.
  ///   - body: the work for one item. It runs on several threads at once.
  /// - Complexity: O(items · ready items) beside the work.
  public static func forEach(
    after dependencies: [Int?], jobs: Int? = nil, _ body: @Sendable (Int) throws -> Void
  ) throws {
    let children = Dictionary(
      grouping: dependencies.indices.filter { dependencies[$0] != nil }
    ) { dependencies[$0] ?? 0 }
    let roots = dependencies.indices.filter { dependencies[$0] == nil }
    let width = max(1, min(dependencies.count, jobs ?? processorCount))
    let state = Mutex(DependencyState(ready: Set(roots), remaining: dependencies.count))
    // One signal for each item that may begin; at the end one for each thread.
    let signal = DispatchSemaphore(value: 0)
    for _ in roots { signal.signal() }
    if dependencies.isEmpty { return }
    DispatchQueue.concurrentPerform(iterations: width) { _ in
      while true {
        signal.wait()
        guard let index = state.withLock({ $0.takeNext() }) else { return }
        var failure: (any Error)?
        do { try body(index) } catch { failure = error }
        let (begun, isOver) = state.withLock {
          $0.finish(index, failure: failure, freeing: children[index] ?? [])
        }
        for _ in 0..<begun { signal.signal() }
        if isOver { for _ in 0..<width { signal.signal() } }
      }
    }
    if let failure = state.withLock({ $0.failure }) { throw failure.error }
  }
}

/// How far the items are.
private struct DependencyState {
  var ready: Set<Int>
  var remaining: Int
  var failure: (index: Int, error: any Error)?

  /// The next item to begin; nil where nothing more is to be done.
  mutating func takeNext() -> Int? {
    guard failure == nil, let index = ready.min() else { return nil }
    ready.remove(index)
    return index
  }

  /// Notes that an item is done.
  ///
  /// - Returns: how many items may begin now, and whether the work is over.
  mutating func finish(
    _ index: Int, failure error: (any Error)?, freeing children: [Int]
  ) -> (begun: Int, isOver: Bool) {
    remaining -= 1
    if let error {
      if index < (failure?.index ?? .max) { failure = (index, error) }
      return (0, true)
    }
    ready.formUnion(children)
    return (children.count, remaining == 0)
  }
}
