import Foundation
import Support
import Synchronization

/// Whether the user or the system asked the process to stop.
final class StopRequest: Sendable {
  /// How a request relates to those before it.
  enum News {
    case first
    /// The same one again: a scheduler signals all processes of a job, and its script passes it on.
    case echo
    case again
  }

  private let first = Mutex<ContinuousClock.Instant?>(nil)

  /// Whether it was asked.
  var isRequested: Bool { first.withLock { $0 != nil } }

  /// Notes that it was asked.
  func request() -> News {
    let now = ContinuousClock.now
    return first.withLock { first in
      guard let begun = first else {
        first = now
        return .first
      }
      return now - begun < .seconds(1) ? .echo : .again
    }
  }
}

extension Interruption {
  /// From here on Ctrl-C and a polite kill let the work in hand be finished; a second one ends the
  /// process at once. What is done asks the result whether to begin anything more.
  static func finishesWork() -> StopRequest {
    let request = StopRequest()
    for number in [SIGINT, SIGTERM, SIGUSR1] {
      signal(number, SIG_IGN)
      // A queue of its own, so that busy threads do not hold it up.
      let source = DispatchSource.makeSignalSource(
        signal: number, queue: DispatchQueue(label: "wsl.signals"))
      source.setEventHandler {
        switch request.request() {
        case .first:
          Terminal.printError("stopping after the models in work; once more to stop at once")
        case .echo: break
        case .again:
          Leftovers.removeAll()
          _exit(75)
        }
        // The source lives as long as its handler.
        withExtendedLifetime(source) {}
      }
      source.activate()
    }
    return request
  }

  /// From here on Ctrl-C and a polite kill only call something, which ends the work well; a second one
  /// ends the process at once.
  static func calls(_ end: @escaping @Sendable () -> Void) {
    let request = StopRequest()
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(
        signal: number, queue: DispatchQueue(label: "wsl.signals"))
      source.setEventHandler {
        switch request.request() {
        case .first: end()
        case .echo: break
        case .again: _exit(0)
        }
        withExtendedLifetime(source) {}
      }
      source.activate()
    }
  }
}
