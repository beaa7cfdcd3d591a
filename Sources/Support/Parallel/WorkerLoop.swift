import Synchronization

/// Calls `body` once for every index, on several threads, each with a workspace of its own.
///
/// After an error no new index is begun, and the error of the lowest index that failed is thrown.
package func forEachIndex<Workspace: ~Copyable>(
  count: Int, jobs: Int?, workspace: @Sendable () throws -> Workspace,
  _ body: @Sendable (inout Workspace, Int) throws -> Void
) throws {
  let width = max(1, min(count, jobs ?? Parallel.processorCount))
  let next = Atomic<Int>(0)
  let failure = Mutex<(index: Int, error: any Error)?>(nil)
  try Parallel.forEach(count: width, jobs: width) { _ in
    var own = try workspace()
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count, failure.withLock({ $0 == nil }) else { return }
      do { try body(&own, index) } catch {
        failure.withLock { first in
          if index < (first?.index ?? .max) { first = (index, error) }
        }
      }
    }
  }
  if let first = failure.withLock({ $0 }) { throw first.error }
}
