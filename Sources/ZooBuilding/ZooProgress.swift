import Support
import Synchronization

/// Adds up how far models are that are trained side by side, in epochs.
final class ZooProgress: Sendable {
  private let done: Mutex<[Double]>
  private let epochs: [Int]
  private let label: String
  private let handler: ProgressHandler?

  /// Prepares to follow models that are trained for so many epochs.
  init(label: String, epochs: [Int], handler: ProgressHandler?) {
    done = Mutex(Array(repeating: 0, count: epochs.count))
    self.epochs = epochs
    self.label = label
    self.handler = handler
  }

  /// What to hand to the training of one model.
  func handler(for model: Int) -> ProgressHandler? {
    guard let handler else { return nil }
    return { [self] update in
      let share = Double(update.completed) / Double(max(1, update.total))
      let sum = done.withLock { done in
        done[model] = share * Double(epochs[model])
        return done.reduce(0, +)
      }
      handler(
        ProgressUpdate(
          label, completed: Int(sum), total: epochs.reduce(0, +), detail: update.detail))
    }
  }
}
