/// The order of names in which `fc2` comes before `fc10`.
enum NaturalOrder {
  /// Whether a name comes before another.
  static func precedes(_ a: String, _ b: String) -> Bool {
    let x = parts(of: a)
    let y = parts(of: b)
    for (left, right) in zip(x, y) where left != right {
      switch (left, right) {
      case (.number(let p), .number(let q)): return p < q
      case (.text(let p), .text(let q)): return p < q
      case (.number, .text): return true
      case (.text, .number): return false
      }
    }
    return x.count == y.count ? a < b : x.count < y.count
  }

  /// The first number in a name, however deep.
  static func numbers(in name: String) -> [Int] {
    parts(of: name).compactMap { if case .number(let number) = $0 { number } else { nil } }
  }

  /// A name without its numbers: `layers.3` and `layers.12` are of one series.
  static func series(_ name: String) -> [String?] {
    parts(of: name).map { if case .text(let text) = $0 { text } else { nil } }
  }

  private enum Part: Equatable {
    case text(String)
    case number(Int)
  }

  private static func parts(of name: String) -> [Part] {
    var result: [Part] = []
    var text = ""
    var digits = ""
    func flushed(_ part: inout String, _ make: (String) -> Part?) {
      if !part.isEmpty, let made = make(part) { result.append(made) }
      part = ""
    }
    for character in name {
      if character.isASCII, character.isNumber {
        flushed(&text) { .text($0) }
        digits.append(character)
      } else {
        flushed(&digits) { Int($0).map(Part.number) ?? .text($0) }
        text.append(character)
      }
    }
    flushed(&text) { .text($0) }
    flushed(&digits) { Int($0).map(Part.number) ?? .text($0) }
    return result
  }
}
