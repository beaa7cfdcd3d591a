import Synchronization

/// What a probe says of models, filled by several threads.
final class OutcomeList: Sendable {
  private let state: Mutex<[ProbeReading.Outcome?]>

  /// A list of so many models, of which nothing is known.
  init(count: Int) { state = Mutex(Array(repeating: nil, count: count)) }

  /// What is known.
  var outcomes: [ProbeReading.Outcome?] { state.withLock { $0 } }

  /// Notes what a probe says of a model.
  func set(_ outcome: ProbeReading.Outcome, at place: Int) {
    state.withLock { $0[place] = outcome }
  }
}
