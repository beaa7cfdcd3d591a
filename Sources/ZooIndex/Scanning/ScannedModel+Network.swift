import Catalogs
public import ModelGraph
import Support
public import Tensors
import WeightFiles

extension ScannedModel {
  /// Reads the model's network and hands it to `body` with its weights.
  ///
  /// What a command would call a mistake of its user (a network that cannot be run, data of another shape)
  /// is a fault of this model here: others of the index are measured all the same.
  ///
  /// - Parameter copies: how many times as much memory as the weights `body` takes beside them.
  /// - Throws: `Diagnostic` of code `badData` where the network is not understood, or for which `body`
  ///   throws one of code `usage`.
  public func withNetwork<Result>(
    copies: Int = 0, _ body: (ModelGraph, Weights) throws -> Result
  ) throws -> Result {
    var catalog = file.catalog
    // Of a packed array only the model's own row.
    catalog.tensors = entries
    do {
      let graph = try ModelGraph(catalog)
      let own = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      let wanted = try graph.parameters.map(\.tensor).map {
        try own[$0] ?? file.entry(named: $0)
      }
      return try with(wanted, copies: copies) { tensors in
        try body(
          graph,
          Dictionary(zip(wanted.map(\.name), tensors), uniquingKeysWith: { first, _ in first }))
      }
    } catch let error as Diagnostic where error.code == .usage {
      throw Diagnostic(.badData, error.message, at: error.location, remedy: error.remedy)
    }
  }
}
