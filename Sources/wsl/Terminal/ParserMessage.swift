import Support

/// What the parser of arguments says of a mistake, as an error like all others: without the usage, which
/// `--help` shows.
enum ParserMessage {
  /// The error for a parser's message of several lines.
  ///
  /// - Parameter text: `Error: …`, what to choose from in lines of its own, `Help: …`, `Usage: …`, and the
  ///   command to see for more.
  static func diagnostic(_ text: String) -> Diagnostic {
    let lines = text.split(separator: "\n").map(String.init)
    let rest = lines.firstIndex { line in ["Help:", "Usage:"].contains { line.hasPrefix($0) } }
    var said = ""
    for line in lines[..<(rest ?? lines.endIndex)] {
      let words = String(line.drop { $0 == " " })
      if said.isEmpty {
        said = words
      } else if words.hasPrefix("- ") {
        said += (said.hasSuffix(":") ? " " : ", ") + words.dropFirst(2)
      } else {
        said += " " + words
      }
    }
    let start = "Error: "
    if said.hasPrefix(start) { said.removeFirst(start.count) }
    // As the tool's own errors begin; a name in capitals stays.
    if let first = said.first, said.dropFirst().first?.isUppercase != true {
      said = first.lowercased() + said.dropFirst()
    }
    while said.hasSuffix(".") { said.removeLast() }
    guard let help = lines.last(where: { $0.contains("--help'") }),
      let begin = help.firstIndex(of: "'"), let end = help.lastIndex(of: "'"), begin < end
    else { return Diagnostic(.usage, said) }
    return Diagnostic(.usage, said, remedy: "see `\(help[help.index(after: begin)..<end])`")
  }
}
