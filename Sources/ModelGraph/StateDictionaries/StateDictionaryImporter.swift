import WeightFiles
import WorkbenchCore

/// Builds a graph from the names and shapes of a file that holds weights and nothing else.
enum StateDictionaryImporter {
  /// The graph.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the module that does not fit.
  static func graph(of catalog: Catalog) throws -> ModelGraph {
    let dictionary = StateDictionary(catalog)
    guard !dictionary.modules.isEmpty else {
      throw Diagnostic(
        .badData, "no tensor of the file looks like the weight of a layer",
        remedy: "describe the network in a file and give it with --graph")
    }
    let chain = try StateChain.find(dictionary.modules)
    var graph = try chain.graph(source: "state dict")
    graph.skipped += dictionary.skipped
    return graph
  }
}
