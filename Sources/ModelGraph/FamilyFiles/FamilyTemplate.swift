import Support
import Yams

/// Writes the layers of a family out: blocks repeated, conditions decided, expressions computed.
struct FamilyTemplate {
  /// A layer in the words of descriptions, and the repeated block that it is in.
  struct Item {
    var node: Node
    /// The innermost repeated block, by number; nil outside of all.
    var block: Int?
    /// Where it is written: the same for every repetition.
    var line: Int
  }

  private var scope: FamilyScope
  /// The layers so far.
  private(set) var items: [Item] = []
  /// The layers that are outputs, as far as they are said.
  private(set) var outputs: [String] = []
  /// What a word stands for now: the layer that last took it.
  private var aliases: [String: String] = [:]
  private var blockCount = 0

  private static let deepest = 16

  init(_ scope: FamilyScope) { self.scope = scope }

  /// Adds layers.
  mutating func add(_ layers: Node, block: Int? = nil, depth: Int = 0) throws {
    guard let list = layers.sequence, depth < Self.deepest else {
      throw Diagnostic(.badData, "'layers' is not a list of layers")
    }
    for node in list {
      do { try add(item: node, block, depth) } catch let error as Diagnostic {
        throw error.inside(node.mark.map { "line \($0.line)" } ?? "")
      }
    }
  }

  private mutating func add(item node: Node, _ block: Int?, _ depth: Int) throws {
    guard let mapping = node.mapping else {
      throw Diagnostic(.badData, "a layer is a mapping")
    }
    if let condition = node["when"]?.string, try !scope.value(condition).holds { return }
    if let condition = node["unless"]?.string, try scope.value(condition).holds { return }
    if let sizes = node["let"]?.mapping {
      for (key, value) in sizes {
        scope.variables[key.string ?? ""] = try scope.value(value.string ?? "")
      }
    }
    if let inner = node["layers"] {
      guard let (name, count) = try repetition(node) else {
        return try add(inner, block: block, depth: depth + 1)
      }
      let outer = scope.variables
      for index in 0..<count {
        scope.variables = outer
        scope.variables[name] = .number(Double(index))
        blockCount += 1
        try add(inner, block: blockCount, depth: depth + 1)
        guard items.count <= ModelGraph.Builder.mostLayers else {
          throw Diagnostic(
            .badData, "the network has more than \(ModelGraph.Builder.mostLayers) layers")
        }
      }
      scope.variables = outer
      return
    }
    if mapping["type"] != nil { try add(layer: mapping, block) }
    try name(node)
  }

  /// Gives words to the layer before, and notes it as an output.
  private mutating func name(_ node: Node) throws {
    if let word = node["as"]?.string {
      guard let target = try resolved(node["of"]?.string ?? "last") else {
        throw Diagnostic(.badData, "there is no layer before '\(word)'")
      }
      aliases[word] = target
    }
    if let word = node["at"]?.string, let target = try resolved(word) { aliases["last"] = target }
    if let word = node["output"]?.string {
      let wanted = node["output"]?.bool == true ? "last" : word
      if let target = try resolved(wanted), !outputs.contains(target) { outputs.append(target) }
    }
  }

  /// The variable of a repeated block and how often it stands; nil where there is none.
  private func repetition(_ node: Node) throws -> (String, Int)? {
    guard let mapping = node["repeat"]?.mapping else { return nil }
    guard let (key, value) = mapping.first.map({ ($0.key, $0.value) }), mapping.count == 1,
      let name = key.string, let expression = value.string
    else { throw Diagnostic(.badData, "'repeat' has one index and its number") }
    let count = try scope.value(expression)
    guard let number = count.integer, number >= 0, number <= ModelGraph.Builder.mostLayers else {
      throw Diagnostic(.badData, "'\(expression)' is \(count.written), not how often something is")
    }
    return (name, number)
  }

  // MARK: Layers

  private static let ownKeys: Set<String> = ["when", "unless", "as", "of", "at", "output", "let"]

  private mutating func add(layer mapping: Node.Mapping, _ block: Int?) throws {
    var result: [(Node, Node)] = []
    var name: String?
    for (key, value) in mapping where !Self.ownKeys.contains(key.string ?? "") {
      switch key.string {
      case "name":
        name = try scope.filled(value.string ?? "")
        result.append((key, Node(name ?? "")))
      case "inputs": result.append((key, try inputs(value)))
      default:
        if let written = try self.value(value) { result.append((key, written)) }
      }
    }
    if mapping["inputs"] == nil, let last = aliases["last"] {
      result.append((Node("inputs"), Node([Node(last)], Tag(.seq))))
    }
    let own = name ?? "\(mapping["type"]?.string ?? "layer").\(items.count)"
    if name == nil { result.append((Node("name"), Node(own))) }
    let line = mapping.mark?.line ?? 0
    items.append(Item(node: Node(result, Tag(.map)), block: block, line: line))
    aliases["last"] = own
  }

  private func inputs(_ node: Node) throws -> Node {
    let list = node.sequence.map(Array.init) ?? [node]
    var names: [String] = []
    for item in list {
      if let text = item.string {
        guard let name = try resolved(text) else {
          throw Diagnostic(.badData, "there is no layer '\(text)' before this one")
        }
        names.append(name)
      } else if let (index, count) = try repetition(item), let text = item["name"]?.string {
        var inner = self
        for number in 0..<count {
          inner.scope.variables[index] = .number(Double(number))
          names.append(try inner.resolved(text) ?? text)
        }
      }
    }
    return Node(names.map { Node($0) }, Tag(.seq))
  }

  /// The layer that a word or a name stands for.
  private func resolved(_ text: String) throws -> String? {
    let name = try scope.filled(text)
    if let target = aliases[name] { return target }
    return name == "last" ? nil : name
  }

  /// A setting, computed; nil where it comes to nothing.
  private func value(_ node: Node) throws -> Node? {
    switch node {
    case .scalar(let scalar):
      if scalar.string.hasPrefix("=") {
        let value = try scope.value(String(scalar.string.dropFirst()))
        return Self.node(value)
      }
      if scalar.string.contains("{") { return Node(try scope.filled(scalar.string)) }
      return node
    case .sequence(let list):
      return Node(try list.compactMap { try value($0) }, Tag(.seq))
    case .mapping(let mapping):
      // A part with a condition of its own is there where that holds.
      if let condition = node["when"]?.string, try !scope.value(condition).holds { return nil }
      return Node(
        try mapping.compactMap { key, item in
          key.string == "when" ? nil : try value(item).map { (key, $0) }
        }, Tag(.map))
    case .alias: return node
    }
  }

  private static func node(_ value: FamilyValue) -> Node? {
    switch value {
    case .nothing: nil
    case .list(let items): Node(items.compactMap { node($0) }, Tag(.seq))
    case .text(let text): Node(text, Tag(.str))
    default: Node(value.written)
    }
  }
}
