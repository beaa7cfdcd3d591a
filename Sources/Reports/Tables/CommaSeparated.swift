extension String {
  /// The text as one cell of comma-separated values (RFC 4180): in quotes where it needs them.
  public var escapedForCSV: String {
    guard contains(where: { ",\"\n\r".contains($0) }) else { return self }
    return "\"" + replacing("\"", with: "\"\"") + "\""
  }
}
