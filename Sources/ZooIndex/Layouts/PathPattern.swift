import Support

/// A pattern of paths with named places: `width{width}/*/model.h5`.
struct PathPattern: Sendable {
  private enum Step: Sendable {
    case text(Character)
    /// Any characters but slashes, as few as will do; kept where it has a name.
    case any(String?)
    /// Any characters.
    case all
  }

  private let steps: [Step]

  /// Reads a pattern.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a brace is not closed, or a name is empty or
  ///   comes twice.
  init(_ text: String) throws {
    var steps: [Step] = []
    var names: Set<String> = []
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "{":
        guard let end = rest.firstIndex(of: "}") else {
          throw Diagnostic(.badData, "a brace is not closed in '\(text)'")
        }
        let name = String(rest[..<end])
        guard !name.isEmpty, names.insert(name).inserted else {
          throw Diagnostic(.badData, "'\(text)' has an empty name, or one twice")
        }
        steps.append(.any(name))
        rest = rest[rest.index(after: end)...]
      case "*" where rest.first == "*":
        rest.removeFirst()
        // `**/` also stands for no folder at all.
        if rest.first == "/", steps.isEmpty { rest.removeFirst() }
        steps.append(.all)
      case "*": steps.append(.any(nil))
      default: steps.append(.text(character))
      }
    }
    self.steps = steps
  }

  /// The named parts of a path that fits, in the pattern's order; nil where it does not.
  ///
  /// - Complexity: O(length · steps) states, each visited once.
  func match(_ path: String) -> [(name: String, value: String)]? {
    let characters = Array(path)
    var failed: Set<Int> = []
    func walk(_ step: Int, _ place: Int) -> [(String, String)]? {
      guard step < steps.count else { return place == characters.count ? [] : nil }
      let state = step * (characters.count + 1) + place
      if failed.contains(state) { return nil }
      switch steps[step] {
      case .text(let wanted):
        if place < characters.count, characters[place] == wanted,
          let rest = walk(step + 1, place + 1)
        {
          return rest
        }
      case .any, .all:
        var end = place
        while true {
          if let rest = walk(step + 1, end) {
            guard case .any(let name?) = steps[step] else { return rest }
            return [(name, String(characters[place..<end]))] + rest
          }
          guard end < characters.count else { break }
          if case .any = steps[step], characters[end] == "/" { break }
          end += 1
        }
      }
      failed.insert(state)
      return nil
    }
    return walk(0, 0)?.map { (name: $0.0, value: $0.1) }
  }
}
