import Archives
import CLinux
import Dispatch
import Glibc
import Support
import Synchronization

/// What a worker answers, read while it writes. A pipe and no file: a limit on the size of files, which
/// is about outputs, has nothing to do with it.
///
/// It may be shared because all of it is constant, behind a lock or atomic; the compiler does not know
/// that of the semaphore.
final class AnswerPipe: @unchecked Sendable {
  /// Where the worker writes.
  let writeEnd: Int32

  private let limit: Int
  private let answer = Mutex((bytes: [UInt8](), isTooLong: false))
  private let isOver = Atomic<Bool>(false)
  private let isRead = DispatchSemaphore(value: 0)

  /// Makes a pipe, and begins to read.
  ///
  /// - Parameter limit: how many bytes are taken; whoever writes more is told that nobody listens.
  /// - Throws: `Diagnostic` of code `failed`.
  init(limit: Int) throws {
    var ends: [Int32] = [-1, -1]
    guard clinux_pipe(&ends) == 0 else {
      throw CatalogWorker.cannotStart(systemMessage(errno))
    }
    (writeEnd, self.limit) = (ends[1], limit)
    let reader = Reader(ends[0])
    DispatchQueue(label: "answer").async { [self] in
      read(reader)
      isRead.signal()
    }
  }

  /// The read end, closed with its reader.
  private final class Reader: Sendable {
    let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
  }

  /// All of the answer, once the worker has ended.
  ///
  /// - Returns: nil where it was longer than the limit.
  func finish() -> [UInt8]? {
    close(writeEnd)
    // Where something that the worker started still has its end, no more is waited for.
    isOver.store(true, ordering: .relaxed)
    isRead.wait()
    return answer.withLock { $0.isTooLong ? nil : $0.bytes }
  }

  private func read(_ reader: Reader) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      var waited = pollfd(fd: reader.descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waited, 1, 20)
      if ready < 0 && errno == EINTR { continue }
      if ready <= 0 {
        if ready < 0 || isOver.load(ordering: .relaxed) { return }
        continue
      }
      let count = Glibc.read(reader.descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      let isTooLong = answer.withLock { answer in
        answer.isTooLong = answer.bytes.count + count > limit
        if !answer.isTooLong { answer.bytes += buffer[..<count] }
        return answer.isTooLong
      }
      if isTooLong { return }
    }
  }
}
