extension String {
  /// The text as one cell of comma-separated values (RFC 4180): in quotes where it needs them.
  public var escapedForCSV: String {
    // A carriage return with a line feed is one character.
    guard contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return self }
    return "\"" + replacing("\"", with: "\"\"") + "\""
  }
}
