import Archives
import CLinux
import Dispatch
import Glibc
import Subprocess
import Support
import Synchronization

/// A worker that stays and runs requests one after another, each in a copy of itself, which begins
/// at once: nothing is loaded any more.
///
/// Whoever has it, has it alone.
final class CatalogServer: Sendable {
  private let process: pid_t
  private let socket: Int32
  /// Its requests wait on a thread of their own: those of the cooperative pool are few.
  private let queue = DispatchQueue(label: "catalogue")

  /// How a request ended.
  enum Outcome: Sendable {
    case ended(TerminationStatus)
    case tookTooLong
    /// Nothing can be said, and the server is of no use any more.
    case broken
  }

  /// Starts one.
  ///
  /// - Throws: `Diagnostic` of code `failed` where it cannot be started.
  init(executable: String) throws {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw CatalogWorker.cannotStart(systemMessage(errno))
    }
    let silence = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer {
      close(silence)
      close(ends[1])
    }
    do {
      process = try BlockingSpawn.start(
        executable, ["serve"], environment: CatalogWorker.environment,
        descriptors: [ends[1], silence, silence])
    } catch {
      close(ends[0])
      throw error
    }
    socket = ends[0]
  }

  deinit {
    close(socket)
    kill(process, SIGKILL)
    while waitpid(process, nil, 0) < 0 && errno == EINTR {}
  }

  /// Runs one request.
  ///
  /// - Parameter group: learns of the process that works, and may end it.
  func run(
    _ arguments: [String], input: Int32, output: Int32, limits: WorkerLimits, group: ProcessGroup
  ) async -> Outcome {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.async {
          continuation.resume(
            returning: self.exchange(arguments, [input, output], limits, group))
        }
      }
    } onCancel: {
      group.end()
    }
  }

  private func exchange(
    _ arguments: [String], _ descriptors: [Int32], _ limits: WorkerLimits, _ group: ProcessGroup
  ) -> Outcome {
    let end = ContinuousClock.now + .seconds(limits.wallSeconds)
    let request = Array(arguments.joined(separator: "\0").utf8)
    guard
      clinux_send(socket, request, request.count, descriptors, descriptors.count) == request.count
    else { return .broken }
    guard isAnswered(before: end) else { return .tookTooLong }
    guard let begun = receive(), begun.0 > 0 else { return .broken }
    let worker = begun.0
    // It limits itself first thing; this holds for whatever runs in its place.
    CatalogWorker.limit(worker, limits)
    group.process.store(worker, ordering: .relaxed)
    // What is left of the group goes while its number is still taken: until the next request.
    defer {
      CatalogWorker.end(group: worker)
      group.process.store(0, ordering: .relaxed)
    }
    if !isAnswered(before: end) {
      group.end()
      // What was ended ends at once, or hangs within the system.
      guard isAnswered(before: .now + .seconds(10)) else { return .tookTooLong }
    }
    guard let (wasSignaled, value) = receive() else { return .broken }
    if wasSignaled == 0 { return .ended(.exited(value)) }
    // What ended by itself, ended so, even where that was noticed late.
    return group.wasEnded && value == SIGKILL ? .tookTooLong : .ended(.signaled(value))
  }

  /// Waits for a message, or for the other end's being closed; false where the time is over.
  private func isAnswered(before end: ContinuousClock.Instant) -> Bool {
    var waited = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    while true {
      let left = max(0, (end - .now) / .milliseconds(1))
      let count = poll(&waited, 1, Int32(min(left.rounded(.up), 1e9)))
      if count > 0 { return true }
      guard count < 0 && errno == EINTR || left > 1e9 else { return false }
    }
  }

  private func receive() -> (Int32, Int32)? {
    var numbers: [Int32] = [0, 0]
    let count = numbers.withUnsafeMutableBytes {
      clinux_receive(socket, $0.baseAddress, $0.count, nil, 0)
    }
    return count == 8 ? (numbers[0], numbers[1]) : nil
  }
}
