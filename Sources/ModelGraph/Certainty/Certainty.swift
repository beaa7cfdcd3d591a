/// How sure a graph is.
public enum Certainty: String, Sendable, Hashable, Codable, CaseIterable {
  /// A configuration, an ONNX graph, a description, or the file's own fingerprint states the graph.
  case declared
  /// The names and shapes are those of a family, and nothing is left over.
  case recognised
  /// The graph was guessed, and data told it apart from the other readings.
  case confirmed
  /// Names and shapes alone suggest the graph.
  case assumed
}
