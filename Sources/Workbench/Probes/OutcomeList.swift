import Synchronization

/// What is said of each of several models, filled by several threads.
final class OutcomeList<Value: Sendable>: Sendable {
  private let state: Mutex<[Value?]>

  /// A list of so many models, of which nothing is known.
  init(count: Int) { state = Mutex(Array(repeating: nil, count: count)) }

  /// What is known.
  var outcomes: [Value?] { state.withLock { $0 } }

  /// Notes what is said of a model.
  func set(_ outcome: Value, at place: Int) {
    state.withLock { $0[place] = outcome }
  }
}
