import Foundation
import Support
import Synchronization

/// One line on a terminal's standard error that tells how far the work is, and how long it will
/// take. On anything but a terminal, nothing.
final class ProgressLine: Sendable {
  private struct State {
    var begun: [String: Date] = [:]
    var drawn = Date.distantPast
    var width = 0
  }

  private let state = Mutex(State())
  private let isShown: Bool

  /// Makes a line; `quiet` keeps it from being drawn at all.
  init(quiet: Bool) {
    isShown = !quiet && Terminal.showsProgress
  }

  /// What to hand to the work.
  var handler: ProgressHandler {
    { [self] update in show(update) }
  }

  private func show(_ update: ProgressUpdate) {
    guard isShown else { return }
    let now = Date()
    state.withLock { state in
      let begun = state.begun[update.label] ?? now
      state.begun[update.label] = begun
      // Ten drawings a second are enough for any eye.
      let isLast = update.completed >= update.total
      guard isLast || now.timeIntervalSince(state.drawn) > 0.1 else { return }
      state.drawn = now
      let line = ProgressLine.text(update, elapsed: now.timeIntervalSince(begun))
      let padding = String(repeating: " ", count: max(0, state.width - line.count))
      state.width = line.count
      Terminal.write("\r" + line + padding, to: STDERR_FILENO)
    }
  }

  /// Takes the line away.
  func finish() {
    guard isShown else { return }
    state.withLock { state in
      guard state.width > 0 else { return }
      Terminal.write("\r" + String(repeating: " ", count: state.width) + "\r", to: STDERR_FILENO)
      state.width = 0
    }
  }

  private static func text(_ update: ProgressUpdate, elapsed: TimeInterval) -> String {
    let total = max(1, update.total)
    let filled = min(20, 20 * update.completed / total)
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
    var parts = ["\(update.label) \(bar) \(update.completed)/\(update.total)"]
    if update.completed > 0, elapsed > 0.5 {
      let rate = Double(update.completed) / elapsed
      let left = Int((Double(total - update.completed) / rate).rounded(.up))
      parts.append(String(format: "%.1f/s", rate))
      parts.append(String(format: "%02d:%02d left", left / 60, left % 60))
    }
    if !update.detail.isEmpty { parts.append(update.detail) }
    return parts.joined(separator: " · ")
  }
}
