import Archives
import Glibc
import Subprocess
import Support

/// Runs a process and waits for it on the calling thread.
///
/// For synchronous callers, which may hold the last thread of the cooperative pool: waiting there
/// for asynchronous work, as that of `Subprocess`, would wait for ever.
enum BlockingSpawn {
  /// Runs an executable with three given descriptors and no others.
  ///
  /// - Returns: how it ended; nil where it took too long and was ended.
  /// - Throws: `Diagnostic` of code `failed` where it cannot be started.
  static func run(
    _ executable: String, _ arguments: [String], environment: [String: String],
    descriptors: [Int32], limits: WorkerLimits
  ) throws -> TerminationStatus? {
    let process = try start(
      executable, arguments, environment: environment, descriptors: descriptors)
    CatalogWorker.limit(process, limits)
    defer { CatalogWorker.end(group: process) }
    return wait(for: process, seconds: limits.wallSeconds)
  }

  /// Starts an executable, in a group of its own, with three given descriptors and no others.
  ///
  /// - Throws: `Diagnostic` of code `failed` where it cannot be started.
  static func start(
    _ executable: String, _ arguments: [String], environment: [String: String],
    descriptors: [Int32]
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Copies above 2 first: none of the three may be overwritten before it is used.
    let copies = try descriptors.map { descriptor in
      let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
      guard copy >= 0 else { throw Diagnostic(.failed, "no descriptor: \(systemMessage(errno))") }
      return copy
    }
    defer { for copy in copies { close(copy) } }
    for (number, copy) in copies.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, copy, Int32(number))
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own, so that whatever it may have started ends with it.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    var words = ([executable] + arguments).map { strdup($0) } + [nil]
    var settings = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") }
    settings.append(nil)
    defer { for word in words + settings { free(word) } }
    var process: pid_t = 0
    let status = posix_spawn(&process, executable, &actions, &attributes, &words, &settings)
    guard status == 0 else {
      throw CatalogWorker.cannotStart(systemMessage(status))
    }
    return process
  }

  private static func wait(for process: pid_t, seconds: Double) -> TerminationStatus? {
    let end = ContinuousClock.now + .seconds(seconds)
    var pause: UInt32 = 200
    var status: Int32 = 0
    while true {
      let ended = waitpid(process, &status, WNOHANG)
      if ended == process { return decoded(status) }
      if ended < 0 && errno != EINTR { return .exited(-1) }
      guard ContinuousClock.now < end else { break }
      usleep(pause)
      pause = min(2 * pause, 10_000)
    }
    kill(process, SIGKILL)
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return nil
  }

  private static func decoded(_ status: Int32) -> TerminationStatus {
    let signal = status & 0x7F
    return signal == 0 ? .exited(status >> 8 & 0xFF) : .signaled(signal)
  }
}
