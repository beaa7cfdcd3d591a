import Foundation
import TestSupport
import Testing

/// Every command's JSON and table beside what is recorded in `Golden`. A difference is a change of
/// the contract with users: keys are added, never renamed or removed. `WSL_RECORD=1` records anew;
/// then read the difference in version control before committing it.
@Suite("The contract of the command line", .serialized)
struct ContractTests {
  private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden")
  private static let records = ProcessInfo.processInfo.environment["WSL_RECORD"] == "1"

  @Test("says what is recorded", arguments: RecordedCommand.table)
  func output(_ command: RecordedCommand) throws {
    if command.hasJSON { try check(command, json: true) }
    try check(command, json: false)
  }

  @Test("an error says what is recorded", arguments: RecordedCommand.errors)
  func error(_ command: RecordedCommand) throws {
    try check(command, json: false)
  }

  private func check(_ command: RecordedCommand, json: Bool) throws {
    let folder = try Scene.folder.get()
    let words = command.words + (json ? ["--json"] : [])
    let outcome = try Tool.run(words, in: folder.url)
    let recording = Recording(words, outcome, folder: folder)
    let file = Self.golden.appendingPathComponent(command.name + (json ? ".json" : "") + ".txt")
    let text =
      switch command.numbers {
      case .exact, .rounded: recording.text
      case .near: recording.withoutHashes
      case .wordsOnly: recording.wordsOnly
      case .keysOnly: recording.keys
      }
    if Self.records {
      try text.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let recorded = try String(contentsOf: file, encoding: .utf8)
    // See `RecordedCommand.Numbers`.
    let tolerance: Double? =
      switch command.numbers {
      case .near: 0.015
      case .rounded: json ? 2e-6 : 0.015
      case .exact, .wordsOnly, .keysOnly: nil
      }
    let differences = Recording.differences(of: text, from: recorded, tolerance: tolerance)
    #expect(differences.isEmpty, "\(differences.prefix(8).joined(separator: "\n"))")
  }
}
