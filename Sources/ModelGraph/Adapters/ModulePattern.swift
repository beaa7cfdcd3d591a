import Support

/// A key of PEFT's `rank_pattern` and `alpha_pattern`: the end of a module's name, or a regular
/// expression for it.
struct ModulePattern {
  private let text: String
  /// Whether every character stands for itself.
  private let isPlain: Bool
  private static let longest = 256

  /// Takes a key.
  ///
  /// Of regular expressions only those are taken whose matching is bounded: at most two repetitions,
  /// none of them of a group.
  ///
  /// - Throws: `Diagnostic` of code `badData`.
  init(_ key: String) throws {
    text = key
    isPlain = key.utf8.allSatisfy { Self.isWord($0) || $0 == UInt8(ascii: ".") }
    guard isPlain || Self.isBounded(key), !key.isEmpty, (try? Regex(key)) != nil else {
      throw Diagnostic(
        .badData, "the pattern \"\(key)\" of its configuration is not understood")
    }
  }

  /// Whether the pattern speaks of a module, as PEFT decides: `(.*\.)?(key)$` from the name's start.
  func matches(_ module: String) -> Bool {
    if isPlain { return module == text || module.hasSuffix("." + text) }
    guard let expression = try? Regex(#"(?:.*\.)?(?:\#(text))"#) else { return false }
    return (try? expression.wholeMatch(in: module)) != nil
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func isBounded(_ key: String) -> Bool {
    guard key.utf8.count <= longest else { return false }
    var repetitions = 0
    var previous: Character = " "
    for character in key {
      guard let byte = character.asciiValue else { return false }
      switch character {
      case "*", "+", "?":
        if previous == ")" { return false }
        if character != "?" { repetitions += 1 }
      case ".", "\\", "^", "$", "|", "(", ")", "[", "]": break
      default: guard isWord(byte) else { return false }
      }
      previous = character
    }
    return repetitions <= 2
  }
}
