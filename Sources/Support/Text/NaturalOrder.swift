/// The order of names in which `fc2` comes before `fc10`.
public enum NaturalOrder {
  /// Whether a name comes before another: letter by letter, numbers by their values, a number before a
  /// letter. Names that differ by leading zeros alone go letter by letter.
  ///
  /// - Complexity: O(length).
  public static func precedes(_ a: String, _ b: String) -> Bool {
    compare(a, b) < 0
  }

  /// Below 0 where a name comes before another, above where after it, 0 where they are the same.
  public static func compare(_ a: String, _ b: String) -> Int {
    var (a, b) = (a, b)
    return a.withUTF8 { x in b.withUTF8 { y in compare(x, y) } }
  }

  /// Things in the order of their names; of equal names the first stays first.
  ///
  /// - Complexity: O(n log n) comparisons.
  public static func sorted<Element>(
    _ elements: [Element], by name: (Element) -> String
  ) -> [Element] {
    let keys = elements.map(name)
    return keys.indices.sorted { first, second in
      let order = compare(keys[first], keys[second])
      return order == 0 ? first < second : order < 0
    }.map { elements[$0] }
  }

  /// Names in order.
  public static func sorted(_ names: some Sequence<String>) -> [String] {
    sorted(Array(names)) { $0 }
  }

  /// Things as a listing shows them: in an order of their own where they have one; where they came
  /// sorted letter by letter, as containers keep them, in natural order.
  public static func listed<Element>(
    _ elements: [Element], by name: (Element) -> String
  ) -> [Element] {
    let names = elements.map(name)
    let isPlain = zip(names, names.dropFirst()).allSatisfy { $0 <= $1 }
    return isPlain || isSortedByFolder(names) ? sorted(elements, by: name) : elements
  }

  /// The numbers in a name, from left to right.
  public static func numbers(in name: String) -> [Int] {
    parts(of: name).compactMap { if case .number(let number) = $0 { number } else { nil } }
  }

  /// A name without its numbers: `layers.3` and `layers.12` are of one series.
  public static func series(_ name: String) -> [String?] {
    parts(of: name).map { if case .text(let text) = $0 { text } else { nil } }
  }

  private enum Part: Equatable {
    case text(String)
    case number(Int)
  }

  private static func compare(
    _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>
  ) -> Int {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    /// The digits of the number at a place, without leading zeros.
    func number(
      _ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int
    ) -> Slice<UnsafeBufferPointer<UInt8>> {
      let start = place
      while place < bytes.count, isDigit(bytes[place]) { place += 1 }
      return bytes[start..<place].drop { $0 == 0x30 }
    }
    var (x, y) = (0, 0)
    while x < a.count, y < b.count {
      switch (isDigit(a[x]), isDigit(b[y])) {
      case (true, true):
        let (p, q) = (number(a, &x), number(b, &y))
        if p.count != q.count { return p.count - q.count }
        if !p.elementsEqual(q) { return p.lexicographicallyPrecedes(q) ? -1 : 1 }
      case (false, false):
        if a[x] != b[y] { return Int(a[x]) - Int(b[y]) }
        x += 1
        y += 1
      case (let isNumber, _): return isNumber ? -1 : 1
      }
    }
    if x < a.count || y < b.count { return y < b.count ? -1 : 1 }
    return a.elementsEqual(b) ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
  }

  /// Whether names with slashes are sorted folder by folder, in which `a/b` comes before `a.b`.
  private static func isSortedByFolder(_ names: [String]) -> Bool {
    let paths = names.map { $0.split(separator: "/") }
    return zip(paths, paths.dropFirst()).allSatisfy { first, second in
      !second.lexicographicallyPrecedes(first)
    }
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
