public import Support
import Yams

/// A value of a YAML document that remembers where it stands, so that what is wrong with it can be
/// said with file and line.
public struct SpecNode {
  let node: Node
  let file: String

  init(_ node: Node, file: String) {
    self.node = node
    self.file = file
  }

  /// Parses a document.
  ///
  /// - Parameters:
  ///   - text: the document.
  ///   - file: the file's path, for errors.
  /// - Throws: `Diagnostic` of code `badData` with the line where the text is not YAML.
  public init(parsing text: String, file: String) throws {
    guard !SpecNode.mayHaveAliasesInKeys(text) else {
      throw Diagnostic(
        .badData, "it has aliases, and keys that are no plain words", at: [file],
        remedy: "write out what the aliases stand for, or name the keys by words")
    }
    do {
      guard let node = try Yams.compose(yaml: text) else {
        throw Diagnostic(.badData, "the file is empty", at: [file])
      }
      let limit = SpecNode.valueLimit(text)
      var left = limit
      guard SpecNode.hasAtMost(&left, node) else {
        throw Diagnostic(
          .badData, "its aliases stand for more than \(limit) values", at: [file],
          remedy: "write out what they stand for, if you trust it")
      }
      self.init(node, file: file)
    } catch let error as Diagnostic {
      throw error
    } catch let error as YamlError {
      throw SpecNode.diagnostic(of: error, file: file)
    }
  }

  private static func diagnostic(of error: YamlError, file: String) -> Diagnostic {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      Diagnostic(.badData, "this is not YAML: \(problem)", at: [file, "line \(mark.line)"])
    case .duplicatedKeysInMapping(let keys, let context):
      Diagnostic(
        .badData, "the key \(keys.map(\.description).joined(separator: ", ")) is there twice",
        at: [file, "line \(context.mark.line)"])
    default:
      Diagnostic(.badData, "this is not YAML", at: [file])
    }
  }

  /// An error about this value.
  public func error(_ message: String, remedy: Wording? = nil) -> Diagnostic {
    Diagnostic(.badData, message, at: location, remedy: remedy)
  }

  /// Where the value stands: file and line, as errors name them.
  public var location: [String] {
    [file, node.mark.map { "line \($0.line)" } ?? ""]
  }

  /// The value in one word, for names of files: a scalar as it is, the elements of a list
  /// and the values of a mapping joined by `x`.
  public var label: String {
    switch node {
    case .scalar(let scalar): scalar.string
    case .sequence(let list): list.map { SpecNode($0, file: file).label }.joined(separator: "x")
    case .mapping(let mapping):
      mapping.map { SpecNode($0.value, file: file).label }.joined(separator: "x")
    case .alias: "…"
    }
  }

  /// What stands there, in a few words, for errors.
  var sight: String {
    switch node {
    case .scalar(let scalar): "'\(scalar.string)'"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}

extension SpecNode {
  /// The members of a mapping, by key.
  ///
  /// - Parameter allowed: the keys that mean something here. Any other is an error that names the
  ///   nearest of them.
  public func members(_ allowed: [String]) throws -> [String: SpecNode] {
    guard case .mapping(let mapping) = node else {
      throw error("expected a mapping with the keys \(allowed.joined(separator: ", "))")
    }
    var members: [String: SpecNode] = [:]
    for (key, value) in mapping {
      let keyNode = SpecNode(key, file: file)
      let name = try keyNode.string()
      guard allowed.contains(name) else {
        let guess = allowed.min { name.editDistance(to: $0) < name.editDistance(to: $1) } ?? ""
        let isNear = name.editDistance(to: guess) <= max(2, guess.count / 3)
        throw keyNode.error(
          "unknown key '\(name)'",
          remedy: isNear
            ? "did you mean '\(guess)'?" : "known keys: \(allowed.joined(separator: ", "))")
      }
      members[name] = SpecNode(value, file: file)
    }
    return members
  }

  /// The elements of a list.
  public func list() throws -> [SpecNode] {
    guard case .sequence(let sequence) = node else { throw error("expected a list, not \(sight)") }
    return sequence.map { SpecNode($0, file: file) }
  }

  /// The members of a mapping with keys of the user's own, in their order.
  public func entries() throws -> [(key: String, keyNode: SpecNode, value: SpecNode)] {
    guard case .mapping(let mapping) = node else {
      throw error("expected a mapping, not \(sight)")
    }
    return try mapping.map { key, value in
      let keyNode = SpecNode(key, file: file)
      return (try keyNode.string(), keyNode, SpecNode(value, file: file))
    }
  }

  /// The text of a scalar.
  public func string() throws -> String {
    guard case .scalar(let scalar) = node else { throw error("expected a word, not \(sight)") }
    return scalar.string
  }

  /// One of a few words.
  public func choice(_ words: [String]) throws -> String {
    let word = try string()
    guard words.contains(word) else {
      throw error("'\(word)' is not known here", remedy: "use \(words.joined(separator: ", "))")
    }
    return word
  }

  /// A whole number in a range.
  public func integer(in range: ClosedRange<Int>) throws -> Int {
    guard case .scalar = node, let value = node.int else {
      throw error("expected a whole number, not \(sight)")
    }
    guard range.contains(value) else { throw error("\(value) is not in \(range.text)") }
    return value
  }

  /// A number in a range.
  public func number(in range: ClosedRange<Double>) throws -> Double {
    guard case .scalar = node, let value = node.float ?? node.int.map(Double.init) else {
      throw error("expected a number, not \(sight)")
    }
    guard range.contains(value) else { throw error("\(value) is not in \(range.text)") }
    return value
  }

  /// A truth value.
  public func flag() throws -> Bool {
    guard case .scalar = node, let value = node.bool else {
      throw error("expected true or false, not \(sight)")
    }
    return value
  }
}

extension ClosedRange {
  /// The range for people: `1…1000`, or `1 or more` when it has no meaningful end.
  fileprivate var text: String {
    let open = "\(upperBound)" == "\(Int.max)" || "\(upperBound)" == "inf"
    return open ? "\(lowerBound) or more" : "\(lowerBound)…\(upperBound)"
  }
}

extension String {
  /// The number of insertions, deletions and substitutions between two words (Levenshtein).
  ///
  /// - Complexity: O(count · other.count).
  func editDistance(to other: String) -> Int {
    let (own, other) = (Array(self), Array(other))
    var row = Array(0...other.count)
    for i in own.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in other.indices {
        let substitution = diagonal + (own[i] == other[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = Swift.min(substitution, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[other.count]
  }
}
