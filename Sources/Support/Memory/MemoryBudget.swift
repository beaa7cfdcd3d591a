import Foundation

/// How many bytes may be in flight at once: what is read and decoded, but not yet in its place.
///
/// Shared by any number of readers. A thread that wants more than is left waits; it never holds one
/// share while it waits for another, so that nobody waits for ever.
public final class MemoryBudget: Sendable {
  /// The budget, in bytes.
  public let byteCount: Int

  private let condition = NSCondition()
  // Both only while the condition is locked.
  nonisolated(unsafe) private var left: Int
  nonisolated(unsafe) private var most = 0

  /// How many bytes were in flight at once, at most, until now.
  public var mostTaken: Int { condition.withLock { most } }

  /// Makes a budget.
  public init(byteCount: Int) {
    self.byteCount = max(0, byteCount)
    left = self.byteCount
  }

  /// Makes a budget of what a limit leaves beside what has to be held.
  ///
  /// - Parameters:
  ///   - limit: the limit, in bytes.
  ///   - held: the sizes of what has to be in memory at once, in bytes.
  /// - Throws: `Diagnostic` of code `failed` with both numbers where that is more than the limit.
  public convenience init(byteCount limit: Int, holding held: [Int]) throws {
    let need = held.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    guard need >= 0, need < limit else {
      throw Diagnostic(
        .failed,
        "the weights take \(ByteCount.rough(need)) of memory, and \(ByteCount.rough(limit)) are "
          + "allowed", remedy: "raise \(setting: .maxMemory)")
    }
    self.init(byteCount: limit - need)
  }

  /// Refuses, before any work, what could never be in flight.
  ///
  /// - Throws: `Diagnostic` of code `failed` with both numbers.
  public func check(_ count: Int) throws {
    guard count <= byteCount else {
      throw MachineMemory.refusal(count, allowed: byteCount, remedy: "raise \(setting: .maxMemory)")
    }
  }

  /// Runs `body` while that many bytes are taken, after waiting for them.
  public func withBytes<Result>(_ count: Int, _ body: () throws -> Result) throws -> Result {
    try check(count)
    condition.lock()
    while left < count { condition.wait() }
    left -= count
    most = max(most, byteCount - left)
    condition.unlock()
    defer {
      condition.lock()
      left += count
      condition.broadcast()
      condition.unlock()
    }
    return try body()
  }
}
