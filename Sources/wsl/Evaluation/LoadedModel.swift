import ModelGraph
import Networks
import WeightFiles
import WorkbenchCore

/// One network from a file, ready to be run.
struct LoadedModel: Sendable {
  /// The path as it was given.
  let path: String
  let file: WeightFile
  let graph: ModelGraph
  var weights: Weights

  /// Opens a file and reads the tensors of its network.
  static func load(_ path: String, graphFile: String? = nil, jobs: Int? = nil) async throws
    -> LoadedModel
  {
    let file = try await WeightFile.open(path)
    do {
      let graph = try ModelGraph(file.catalog, graphFile: graphFile)
      let weights = try file.read(graph.parameters.map(\.tensor), jobs: jobs)
      return LoadedModel(path: path, file: file, graph: graph, weights: weights)
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  /// What the file says of itself.
  var catalog: Catalog { file.catalog }

  /// The classes of the data that the network tells apart, where it was trained on some of them; as
  /// `wsl zoo build` writes it down.
  var classes: [Int]? {
    guard case .numbers(let numbers)? = catalog.attributes[""]?["classes"], numbers.count >= 2
    else { return nil }
    let classes = numbers.compactMap { Int(exactly: $0) }
    return classes.count == numbers.count ? classes : nil
  }

  /// An attribute that is a text.
  func text(_ name: String) -> String? { catalog.text(name) }

  /// An attribute that is one number.
  func number(_ name: String) -> Double? {
    guard case .numbers(let numbers)? = catalog.attributes[""]?[name], numbers.count == 1 else {
      return nil
    }
    return numbers[0]
  }
}
