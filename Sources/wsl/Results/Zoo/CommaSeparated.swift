import Reports
import ZooIndex

/// Comma-separated values (RFC 4180).
enum CommaSeparated {
  static func text(_ answer: IndexAnswer) -> String {
    let lines = [answer.columns] + answer.rows.map { $0.map(\.text) }
    return lines.map { $0.map(\.escapedForCSV).joined(separator: ",") + "\n" }.joined()
  }
}
