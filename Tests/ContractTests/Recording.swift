import Foundation
import TestSupport

/// What a command said, with what differs from run to run masked: one text, as its golden file.
struct Recording {
  var text: String

  init(_ command: [String], _ outcome: Tool.Outcome, folder: Scratch) {
    let marks = [
      (folder.url.path, "SCENE"), (Tool.executable.deletingLastPathComponent().path, "BIN"),
      (Tool.packageRoot.path, "PACKAGE"),
    ]
    var text =
      "$ wsl \(command.joined(separator: " "))\nexit \(outcome.code)\n"
      + "--- output\n\(outcome.output)\n--- errors\n\(outcome.errors)"
    for (path, mark) in marks { text = text.replacingOccurrences(of: path, with: mark) }
    for (pattern, mark) in Self.masks {
      text = text.replacingOccurrences(of: pattern, with: mark, options: .regularExpression)
    }
    self.text = text
  }

  /// Times, hashes of files that hold times or trained weights, versions, and free space.
  private static let masks = [
    (#""([a-zA-Z]*[sS]econds)":[-+.e0-9]+"#, #""$1":0"#),
    (#""(modified|created|createdAt)":"[^"]*""#, #""$1":"TIME""#),
    (#"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|\+\d\d:?\d\d)?"#, "TIME"),
    (#"\b\d+(\.\d+)? (ms|s)\b"#, "0 s"),
    (#""version":"[^"]*""#, #""version":"VERSION""#),
    (#"\b0\.1\.0\b"#, "VERSION"),
  ]

  /// The words that differ from a golden text; empty where it says the same.
  ///
  /// - Parameter tolerance: how far numbers may be apart: relative to the recorded one, and nil for
  ///   a comparison byte for byte.
  static func differences(
    of text: String, from golden: String, tolerance: Double?
  ) -> [String] {
    guard let tolerance else { return lines(text, golden) }
    let (new, old) = (words(text), words(golden))
    guard new.count == old.count else {
      return ["\(new.count) words and numbers, recorded: \(old.count)"] + lines(text, golden)
    }
    return zip(new, old).filter { !isAlike($0, $1, tolerance) }
      .map { "\($0), recorded: \($1)" }
  }

  /// The text without the hashes of trained weights, and without the order in which an index met files.
  var withoutHashes: String {
    Self.replacing(
      [(#"(?<![A-Za-z0-9_.])[0-9a-f]{16,}(?![A-Za-z0-9_.])"#, "HASH"), (#""id":\d+"#, #""id":0"#)],
      in: text)
  }

  /// The text with a mark for every number, and one space for many.
  var wordsOnly: String {
    let rules = [
      (#"(?<![A-Za-z0-9_.])-?\d+(\.\d+)?(e[-+]?\d+)?(?![A-Za-z0-9_])"#, "#"), (#" +"#, " "),
      (#"#(,#)+"#, "#,…"),
    ]
    return Self.replacing(rules, in: withoutHashes)
  }

  private static func replacing(_ rules: [(String, String)], in text: String) -> String {
    rules.reduce(text) {
      $0.replacingOccurrences(of: $1.0, with: $1.1, options: .regularExpression)
    }
  }

  /// The keys of the JSON document, with their paths; of a table nothing.
  var keys: String {
    let matches = text.matches(of: /"([A-Za-z0-9_]+)":/).map { String($0.1) }
    return Set(matches).sorted().joined(separator: " ")
  }

  private static func lines(_ new: String, _ old: String) -> [String] {
    guard new != old else { return [] }
    let (one, other) = (
      new.split(separator: "\n", omittingEmptySubsequences: false),
      old.split(separator: "\n", omittingEmptySubsequences: false)
    )
    return (0..<max(one.count, other.count)).compactMap { index in
      let new = index < one.count ? String(one[index]) : "nothing"
      let old = index < other.count ? String(other[index]) : "nothing"
      return new == old ? nil : "\(new)\n  recorded: \(old)"
    }
  }

  /// Numbers, and everything between them; the width of a table's columns is no word.
  private static func words(_ text: String) -> [Substring] {
    text.matches(of: /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|[^\s\d\-]+|-/).map(\.0)
  }

  /// Numbers near one another, or equal words.
  private static func isAlike(_ new: Substring, _ old: Substring, _ tolerance: Double) -> Bool {
    if new == old { return true }
    guard let a = Double(new), let b = Double(old) else { return false }
    return abs(a - b) <= tolerance * max(abs(a), abs(b)) + tolerance
  }
}
