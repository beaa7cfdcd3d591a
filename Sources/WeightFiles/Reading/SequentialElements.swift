import Foundation
import Support
import Tensors

/// Lets several threads take ranges of a stream: each waits until those before its own are taken.
///
/// Ranges are taken without gaps, each once, and a thread takes its ranges in rising order; then the
/// thread whose turn it is never waits for another.
final class SequentialElements: @unchecked Sendable {
  // All but the constants only while the condition is locked.
  private let condition = NSCondition()
  private let stream: any ElementStream
  private var position = 0
  private var failure: (any Error)?

  /// Takes over a stream at its start.
  init(_ stream: any ElementStream) { self.stream = stream }

  /// Takes a range of bytes when its turn has come.
  ///
  /// - Throws: `Diagnostic`, without a location; that of another thread where that failed first.
  func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws {
    condition.lock()
    defer {
      condition.broadcast()
      condition.unlock()
    }
    while failure == nil, position < range.lowerBound { condition.wait() }
    if let failure { throw failure }
    do {
      guard position == range.lowerBound else {
        throw Diagnostic(.failed, "a stream of elements was read twice")
      }
      try stream.next(into: target)
      position = range.upperBound
    } catch {
      failure = error
      throw error
    }
  }

  /// Tells those who wait that a thread will not take its range.
  func fail(_ error: any Error) {
    condition.lock()
    failure = failure ?? error
    condition.broadcast()
    condition.unlock()
  }
}
