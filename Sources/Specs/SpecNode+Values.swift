import Yams

/// What stands there, for readers that find out what it may be: nil where it is something else.
extension SpecNode {
  /// The text of a scalar, as it is written.
  package var text: String? { node.string }
  /// A whole number.
  package var wholeNumber: Int? { node.int }
  /// A number.
  package var realNumber: Double? { node.float ?? node.int.map(Double.init) }
  /// A truth value.
  package var truth: Bool? { node.bool }
  /// Whether it is null, or nothing is there.
  package var isNull: Bool { node.null != nil }
  /// Whether it is a mapping.
  package var isMapping: Bool { node.mapping != nil }
  /// The elements of a list.
  package var elements: [SpecNode]? { node.sequence?.map { SpecNode($0, file: file) } }
  /// The members of a mapping, in their order.
  package var pairs: [(key: SpecNode, value: SpecNode)]? {
    node.mapping?.map { (SpecNode($0.key, file: file), SpecNode($0.value, file: file)) }
  }
  /// The line where it begins; nil for what was not read.
  package var line: Int? { node.mark?.line }

  /// The member of a mapping; nil where there is none, and of anything else.
  package subscript(key: String) -> SpecNode? {
    node.mapping?[key].map { SpecNode($0, file: file) }
  }
}

/// Values that were not read but made.
extension SpecNode {
  /// A scalar.
  ///
  /// - Parameter isText: whether it stays a text where it looks like a number.
  package init(_ text: String, isText: Bool = false) {
    self.init(isText ? Node(text, Tag(.str)) : Node(text), file: "")
  }

  /// A list.
  package init(list elements: [SpecNode]) {
    self.init(Node(elements.map(\.node), Tag(.seq)), file: "")
  }

  /// A mapping.
  package init(members pairs: [(SpecNode, SpecNode)]) {
    self.init(Node(pairs.map { ($0.node, $1.node) }, Tag(.map)), file: "")
  }
}
