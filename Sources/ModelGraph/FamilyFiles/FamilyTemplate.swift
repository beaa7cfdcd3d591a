import Specs
import Support

/// Writes the layers of a family out: blocks repeated, conditions decided, expressions computed.
struct FamilyTemplate {
  /// A layer in the words of descriptions, and the repeated block that it is in.
  struct Item {
    var node: SpecNode
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
  mutating func add(_ layers: SpecNode, block: Int? = nil, depth: Int = 0) throws {
    guard let list = layers.elements, depth < Self.deepest else {
      throw Diagnostic(.badData, "'layers' is not a list of layers")
    }
    for node in list {
      do { try add(item: node, block, depth) } catch let error as Diagnostic {
        throw error.inside(node.line.map { "line \($0)" } ?? "")
      }
    }
  }

  private mutating func add(item node: SpecNode, _ block: Int?, _ depth: Int) throws {
    guard node.isMapping else {
      throw Diagnostic(.badData, "a layer is a mapping")
    }
    if let condition = node["when"]?.text, try !scope.value(condition).holds { return }
    if let condition = node["unless"]?.text, try scope.value(condition).holds { return }
    if let sizes = node["let"]?.pairs {
      for (key, value) in sizes {
        scope.variables[key.text ?? ""] = try scope.value(value.text ?? "")
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
    if node["type"] != nil { try add(layer: node, block) }
    try name(node)
  }

  /// Gives words to the layer before, and notes it as an output.
  private mutating func name(_ node: SpecNode) throws {
    if let word = node["as"]?.text {
      guard let target = try resolved(node["of"]?.text ?? "last") else {
        throw Diagnostic(.badData, "there is no layer before '\(word)'")
      }
      aliases[word] = target
    }
    if let word = node["at"]?.text, let target = try resolved(word) { aliases["last"] = target }
    if let word = node["output"]?.text {
      let wanted = node["output"]?.truth == true ? "last" : word
      if let target = try resolved(wanted), !outputs.contains(target) { outputs.append(target) }
    }
  }

  /// The variable of a repeated block and how often it stands; nil where there is none.
  private func repetition(_ node: SpecNode) throws -> (String, Int)? {
    guard let mapping = node["repeat"]?.pairs else { return nil }
    guard let (key, value) = mapping.first, mapping.count == 1,
      let name = key.text, let expression = value.text
    else { throw Diagnostic(.badData, "'repeat' has one index and its number") }
    let count = try scope.value(expression)
    guard let number = count.integer, number >= 0, number <= ModelGraph.Builder.mostLayers else {
      throw Diagnostic(.badData, "'\(expression)' is \(count.written), not how often something is")
    }
    return (name, number)
  }

  // MARK: Layers

  private static let ownKeys: Set<String> = ["when", "unless", "as", "of", "at", "output", "let"]

  private mutating func add(layer mapping: SpecNode, _ block: Int?) throws {
    var result: [(SpecNode, SpecNode)] = []
    var name: String?
    for (key, value) in mapping.pairs ?? [] where !Self.ownKeys.contains(key.text ?? "") {
      switch key.text {
      case "name":
        name = try scope.filled(value.text ?? "")
        result.append((key, SpecNode(name ?? "")))
      case "inputs": result.append((key, try inputs(value)))
      default:
        if let written = try self.value(value) { result.append((key, written)) }
      }
    }
    if mapping["inputs"] == nil, let last = aliases["last"] {
      result.append((SpecNode("inputs"), SpecNode(list: [SpecNode(last)])))
    }
    let own = name ?? "\(mapping["type"]?.text ?? "layer").\(items.count)"
    if name == nil { result.append((SpecNode("name"), SpecNode(own))) }
    let line = mapping.line ?? 0
    items.append(Item(node: SpecNode(members: result), block: block, line: line))
    aliases["last"] = own
  }

  private func inputs(_ node: SpecNode) throws -> SpecNode {
    let list = node.elements ?? [node]
    var names: [String] = []
    for item in list {
      if let text = item.text {
        guard let name = try resolved(text) else {
          throw Diagnostic(.badData, "there is no layer '\(text)' before this one")
        }
        names.append(name)
      } else if let (index, count) = try repetition(item), let text = item["name"]?.text {
        var inner = self
        for number in 0..<count {
          inner.scope.variables[index] = .number(Double(number))
          names.append(try inner.resolved(text) ?? text)
        }
      }
    }
    return SpecNode(list: names.map { SpecNode($0) })
  }

  /// The layer that a word or a name stands for.
  private func resolved(_ text: String) throws -> String? {
    let name = try scope.filled(text)
    if let target = aliases[name] { return target }
    return name == "last" ? nil : name
  }

  /// A setting, computed; nil where it comes to nothing.
  private func value(_ node: SpecNode) throws -> SpecNode? {
    if let text = node.text {
      if text.hasPrefix("=") { return Self.node(try scope.value(String(text.dropFirst()))) }
      return text.contains("{") ? SpecNode(try scope.filled(text)) : node
    }
    if let list = node.elements { return SpecNode(list: try list.compactMap { try value($0) }) }
    // A part with a condition of its own is there where that holds.
    if let condition = node["when"]?.text, try !scope.value(condition).holds { return nil }
    return SpecNode(
      members: try (node.pairs ?? []).compactMap { key, item in
        key.text == "when" ? nil : try value(item).map { (key, $0) }
      })
  }

  private static func node(_ value: FamilyValue) -> SpecNode? {
    switch value {
    case .nothing: nil
    case .list(let items): SpecNode(list: items.compactMap { node($0) })
    case .text(let text): SpecNode(text, isText: true)
    default: SpecNode(value.written)
    }
  }
}
