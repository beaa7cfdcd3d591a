import Yams

extension SpecNode {
  /// The document with the value at a path of keys put in place, as a grid over a field does. The
  /// new value keeps the place where it was written.
  public func setting(_ path: [String], to value: SpecNode) throws -> SpecNode {
    SpecNode(try Self.setting(path[...], in: node, to: value.node, at: self), file: file)
  }

  private static func setting(
    _ path: ArraySlice<String>, in node: Node?, to value: Node, at place: SpecNode
  ) throws -> Node {
    guard let name = path.first else { return value }
    // A key that is new here stands, for errors, where its value was written.
    let key = Node.scalar(Node.Scalar(name, .implicit, .any, value.mark))
    switch node {
    case .mapping(var mapping):
      mapping[key] = try setting(path.dropFirst(), in: mapping[key], to: value, at: place)
      return .mapping(mapping)
    case nil:
      let member = try setting(path.dropFirst(), in: nil, to: value, at: place)
      return .mapping(Node.Mapping([(key, member)], .implicit, .any, value.mark))
    default:
      throw place.error("there is no '\(key)' to vary in \(place.sight)")
    }
  }

  /// The document with another put over it: mappings member by member, everything else as a whole.
  public func overridden(by other: SpecNode) -> SpecNode {
    SpecNode(Self.merging(node, other.node), file: file)
  }

  private static func merging(_ node: Node, _ other: Node) -> Node {
    guard case .mapping(var mapping) = node, case .mapping(let changes) = other else {
      return other
    }
    for (key, value) in changes {
      mapping[key] = mapping[key].map { merging($0, value) } ?? value
    }
    return .mapping(mapping)
  }

  /// The paths of everything in nested mappings that is no mapping itself.
  public func leafPaths() throws -> [[String]] {
    try entries().flatMap { key, _, value -> [[String]] in
      guard case .mapping = value.node else { return [[key]] }
      return try value.leafPaths().map { [key] + $0 }
    }
  }

  /// The value at a path of keys; nil where there is none.
  public func value(at path: [String]) -> SpecNode? {
    var current = node
    for name in path {
      guard case .mapping(let mapping) = current, let next = mapping[Node(name)] else { return nil }
      current = next
    }
    return SpecNode(current, file: file)
  }

  /// The document without a key of its root.
  public func removing(_ key: String) -> SpecNode {
    guard case .mapping(var mapping) = node else { return self }
    mapping[Node(key)] = nil
    return SpecNode(.mapping(mapping), file: file)
  }

  /// A mapping with this as its only member.
  public func wrapped(as key: String) -> SpecNode {
    let name = Node.scalar(Node.Scalar(key, .implicit, .any, node.mark))
    return SpecNode(.mapping(Node.Mapping([(name, node)], .implicit, .any, node.mark)), file: file)
  }

  /// Another scalar at the same place of the file, as if it had been written there.
  public func replaced(by text: String) -> SpecNode {
    SpecNode(.scalar(Node.Scalar(text, .implicit, .any, node.mark)), file: file)
  }

  /// Whether it is a single word or number.
  public var isScalar: Bool {
    if case .scalar = node { true } else { false }
  }

  /// Whether it is a list.
  public var isList: Bool {
    if case .sequence = node { true } else { false }
  }
}
