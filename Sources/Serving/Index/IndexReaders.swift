import Dispatch
import Synchronization
import ZooIndex

/// Connections to an index, each with a thread of its own, so that several readers ask at once and none
/// holds up the threads that take requests.
final class IndexReaders: Sendable {
  /// One connection. Only its own queue touches the index.
  private final class Reader: Sendable {
    let queue: DispatchQueue
    private let path: String
    private let open: Mutex<ServedIndex?>

    init(_ path: String, number: Int, open: ServedIndex?) {
      self.path = path
      queue = DispatchQueue(label: "wsl.serve.\(number)")
      self.open = Mutex(open)
    }

    func run<Result>(_ work: (ServedIndex) throws -> Result) throws -> Result {
      let index = try open.withLock { $0 } ?? ServedIndex(try ZooIndex.open(reading: path))
      open.withLock { $0 = index }
      defer {
        // A writer makes one plain file again at its end, which it cannot while another process has the
        // index open.
        if index.isBeingWritten {
          open.withLock { $0 = nil }
          index.close()
        }
      }
      return try work(index)
    }
  }

  private let readers: [Reader]
  private let waiting: Mutex<[Int]>

  /// Opens an index to be read.
  ///
  /// - Parameter count: how many may ask at once.
  /// - Throws: `Diagnostic`: `noInput` where there is none, `badData` where the file is something else.
  init(_ path: String, count: Int) throws {
    let first = ServedIndex(try ZooIndex.open(reading: path))
    readers = (0..<max(1, count)).map { number in
      Reader(path, number: number, open: number == 0 ? first : nil)
    }
    waiting = Mutex(Array(repeating: 0, count: readers.count))
  }

  /// Runs work on the connection that has the least to do.
  func run<Result: Sendable>(
    _ work: @escaping @Sendable (ServedIndex) throws -> Result
  ) async throws -> Result {
    let place = waiting.withLock { waiting in
      let place = waiting.indices.min { waiting[$0] < waiting[$1] } ?? 0
      waiting[place] += 1
      return place
    }
    defer { waiting.withLock { $0[place] -= 1 } }
    let reader = readers[place]
    return try await withCheckedThrowingContinuation { continuation in
      reader.queue.async {
        continuation.resume(with: Swift.Result { try reader.run(work) })
      }
    }
  }
}
