import Zoo

/// Comma-separated values (RFC 4180).
enum CommaSeparated {
  static func text(_ answer: IndexAnswer) -> String {
    let lines = [answer.columns] + answer.rows.map { $0.map(\.text) }
    return lines.map { $0.map(cell).joined(separator: ",") + "\n" }.joined()
  }

  private static func cell(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
