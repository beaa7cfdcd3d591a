import Dispatch
import Foundation
import Synchronization

/// Loops over independent items on several cores.
///
/// Results never depend on the number of jobs: an item's work sees only the item, and results come
/// back in the order of the items.
public enum Parallel {
  /// The number of processors this process may use.
  public static var processorCount: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// Calls `body` once for every index in `0..<count`, at most `jobs` at a time, and waits.
  ///
  /// After an error no new index is begun, and the error of the lowest index that failed is thrown.
  ///
  /// - Parameters:
  ///   - count: how many items there are.
  ///   - jobs: how many run at once; nil means one a processor.
  ///   - body: the work for one index. It runs on several threads at once.
  public static func forEach(
    count: Int, jobs: Int? = nil, _ body: @Sendable (Int) throws -> Void
  ) throws {
    let width = max(1, min(count, jobs ?? processorCount))
    if width == 1 {
      for index in 0..<count { try body(index) }
      return
    }
    let next = Atomic<Int>(0)
    let failure = Mutex<(index: Int, error: any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: width) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count, failure.withLock({ $0 == nil }) else { return }
        do { try body(index) } catch {
          failure.withLock { first in
            if index < (first?.index ?? .max) { first = (index, error) }
          }
        }
      }
    }
    if let first = failure.withLock({ $0 }) { throw first.error }
  }

  /// The results of `body` for every index in `0..<count`, in order.
  public static func map<Result: Sendable>(
    count: Int, jobs: Int? = nil, _ body: @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    let results = Mutex<[Result?]>(Array(repeating: nil, count: count))
    try forEach(count: count, jobs: jobs) { index in
      let result = try body(index)
      results.withLock { $0[index] = result }
    }
    return results.withLock { $0.compactMap { $0 } }
  }
}
