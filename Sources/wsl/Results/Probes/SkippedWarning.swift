import Support
import Workbench

/// What is said of models that are left out: each by its name, unless there are many.
enum SkippedWarning {
  /// The most that are named.
  private static let limit = 10

  /// The lines.
  static func lines(_ skipped: [ProbeModels.Skipped]) -> [String] {
    let named = skipped.prefix(limit).map {
      "left out: \($0.file): \($0.reason)".escapingControlCharacters
    }
    let more = skipped.count - named.count
    return named + (more > 0 ? ["left out: \(more) more models"] : [])
  }
}
