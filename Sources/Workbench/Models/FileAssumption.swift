public import ModelGraph

/// An assumption about the network of a file, or of several alike.
public struct FileAssumption: Sendable, Hashable {
  /// The file, or the files.
  public var file: String
  /// What the file does not say.
  public var assumption: Assumption

  /// What the graphs of files assume, each assumption once with all files that share it.
  public static func all(_ graphs: [(file: String, graph: ModelGraph)]) -> [FileAssumption] {
    var order: [Assumption] = []
    var files: [Assumption: [String]] = [:]
    for (file, graph) in graphs {
      for assumption in graph.assumptions {
        if files[assumption] == nil { order.append(assumption) }
        files[assumption, default: []].append(file)
      }
    }
    return order.map {
      FileAssumption(file: (files[$0] ?? []).joined(separator: ", "), assumption: $0)
    }
  }
}
