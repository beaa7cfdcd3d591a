import Support
import ZooIndex

/// What `wsl zoo scan` says.
struct ZooScanResult: Encodable {
  var index: String
  var metrics: [String]
  var scanned: Int
  var unchanged: Int
  var failures: [IndexFailure]
  var shard: String?

  /// Gathers what a scan did.
  init(index: String, metrics: [String], summary: ScanSummary, shard: String?) {
    self.index = index
    self.metrics = metrics
    scanned = summary.scanned
    unchanged = summary.unchanged
    failures = summary.failures
    self.shard = shard
  }

  /// The result for a person.
  var text: String {
    let place = (shard ?? index).escapingControlCharacters
    let lines = failures.map { "failed: \($0.file): \($0.reason)".escapingControlCharacters }
    let head =
      "\(place): scanned \(scanned) models for \(metrics.joined(separator: ", ")); "
      + "\(unchanged) had everything already"
    return ([head] + lines).joined(separator: "\n")
  }
}
