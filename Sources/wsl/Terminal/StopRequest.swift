import Foundation
import Synchronization

/// Whether the user or the system asked the process to stop.
final class StopRequest: Sendable {
  private let requested = Atomic<Bool>(false)

  /// Whether it was asked.
  var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Notes that it was asked; true where that is news.
  func request() -> Bool { !requested.exchange(true, ordering: .relaxed) }
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
        guard request.request() else { _exit(75) }
        Terminal.printError("stopping after the models in work; once more to stop at once")
        // The source lives as long as its handler.
        withExtendedLifetime(source) {}
      }
      source.activate()
    }
    return request
  }
}
