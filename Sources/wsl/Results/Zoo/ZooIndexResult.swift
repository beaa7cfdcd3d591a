import Reports
import Support
import ZooIndex

/// What `wsl zoo index` says.
struct ZooIndexResult: Encodable {
  var index: String
  var models: Int
  var tensors: Int
  var parameters: Int
  var architectures: Int
  var labels: [String]
  var read: Int
  var unchanged: Int
  var removed: Int
  var failures: [IndexFailure]
  var warnings: [String]
  var seconds: Double

  /// Gathers what an index holds.
  init(index: String, summary: IndexSummary, seconds: Double) {
    self.index = index
    models = summary.models
    tensors = summary.tensors
    parameters = summary.parameters
    architectures = summary.architectures
    labels = summary.labels
    read = summary.read
    unchanged = summary.unchanged
    removed = summary.removed
    failures = summary.failures
    warnings = summary.warnings
    if models == 0, failures.isEmpty {
      warnings.append("there is no weight file and no archive below what was given")
    }
    self.seconds = seconds
  }

  /// The result for a person.
  var text: String {
    var lines = [
      "\(index.escapingControlCharacters): \(models) \(models == 1 ? "model" : "models") of "
        + "\(architectures) \(architectures == 1 ? "architecture" : "architectures"), "
        + "\(tensors) tensors, \(parameters) parameters, \(labels.count) columns of labels",
      "read \(read), unchanged \(unchanged), gone \(removed), failed \(failures.count); "
        + NumberFormat.seconds(seconds),
    ]
    if !failures.isEmpty {
      lines.append("")
      lines += failures.map { "failed: \($0.file): \($0.reason)".escapingControlCharacters }
    }
    return lines.joined(separator: "\n")
  }
}
