/// A name of tensors in a family file: `h.#.attn.bias`, with `#` for any number and `*` for any one word.
/// Whatever stands before it in the file is allowed.
struct FamilyPattern {
  private let words: [Substring]

  init(_ text: String) { words = text.split(separator: ".") }

  /// Whether a name, with dots, ends like this.
  func matches(_ name: String) -> Bool {
    let own = name.split(separator: ".")
    guard own.count >= words.count else { return false }
    return zip(own.suffix(words.count), words).allSatisfy { word, pattern in
      switch pattern {
      case "#": Int(word) != nil
      case "*": true
      default: word == pattern
      }
    }
  }
}
