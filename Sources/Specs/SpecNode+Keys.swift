extension SpecNode {
  /// Whether a text may use lists, mappings or aliases as keys and has aliases.
  ///
  /// Composing a mapping hashes its keys with all that they hold, every alias replaced: a few lines of aliases
  /// of aliases, used as a key, would take hours before anything can be counted. The text is looked at, not
  /// parsed, so that words within quotes or comments may look like such keys; specs have no use for them.
  ///
  /// - Complexity: O(bytes).
  static func mayHaveAliasesInKeys(_ text: String) -> Bool {
    var hasAlias = false
    var hasKey = false
    // The last two bytes, and whether what stands before, blanks left out, ends an alias or a collection.
    var (first, before) = (UInt8(ascii: "\n"), UInt8(ascii: "\n"))
    var endsValue = false
    var isInAlias = false
    for byte in text.utf8 {
      if before == UInt8(ascii: "*"), separators.contains(first), isWord(byte) {
        hasAlias = true
        isInAlias = true
        endsValue = true
      }
      switch byte {
      case UInt8(ascii: "?") where separators.contains(before): hasKey = true
      case UInt8(ascii: ":") where endsValue: hasKey = true
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        endsValue = true
        isInAlias = false
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
        isInAlias = false
      default: if !isInAlias { endsValue = false }
      }
      (first, before) = (before, byte)
    }
    return hasAlias && hasKey
  }

  /// What may stand before a question mark that means a key, or the star of an alias.
  private static let separators = Set(" \t\r\n,[]{}-:?".utf8)

  /// Whether a byte may begin the name of an alias.
  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"), 0x80...:
      true
    default: false
    }
  }
}
