import Glibc
import Subprocess
import Synchronization

/// The servers of this process, as many as it ever asked at once. They end with it.
final class CatalogServers: Sendable {
  /// Those of the worker that belongs to this process.
  static let shared = CatalogServers()

  /// Who reads no more files than this is served sooner without a server.
  private static let patience = 4

  private struct State {
    var requestCount = 0
    var idle: [CatalogServer] = []
  }

  private let state = Mutex(State())

  /// Runs a request by a server; nil where there were few requests so far, or the server broke: then
  /// it is to be run without one.
  func run(
    _ executable: String, _ arguments: [String], input: Int32, output: Int32,
    limits: WorkerLimits, group: ProcessGroup
  ) async -> CatalogServer.Outcome? {
    let (isPatient, idle) = state.withLock { state in
      state.requestCount += 1
      return (state.requestCount <= CatalogServers.patience, state.idle.popLast())
    }
    if isPatient { return nil }
    guard let server = try? idle ?? CatalogServer(executable: executable) else { return nil }
    let outcome = await server.run(
      arguments, input: input, output: output, limits: limits, group: group)
    if case .ended = outcome { state.withLock { $0.idle.append(server) } }
    if case .broken = outcome { return nil }
    return outcome
  }
}
