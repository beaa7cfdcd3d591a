public import Catalogs
public import ModelGraph
import Networks
import Support
public import Tensors
public import WeightFiles

/// One network from a file, ready to be run.
public struct LoadedModel: Sendable {
  /// The path as it was given.
  public let path: String
  /// The opened file.
  public let file: WeightFile
  /// Its layers, which can be run.
  public let graph: ModelGraph
  /// The weights, by the file's names and in its axis order.
  public var weights: Weights

  /// Opens a file and reads the tensors of its network.
  ///
  /// - Parameter maxMemory: how many bytes the weights may take, with what is being decoded.
  /// - Throws: `Diagnostic`: also `failed` where they take more, before any is read.
  public static func load(
    _ path: String, statement: GraphStatement = .none, jobs: Int? = nil, maxMemory: Int? = nil
  ) async throws -> LoadedModel {
    let file = try await WeightFile.open(path)
    do {
      let graph = try ModelGraph(file.catalog, statement: statement)
      let held = graph.parameters.map { 4 * $0.shape.reduce(1, *) }
      let budget = try maxMemory.map { try MemoryBudget(byteCount: $0, holding: held) }
      let weights = try file.read(graph.parameters.map(\.tensor), jobs: jobs, budget: budget)
      return LoadedModel(path: path, file: file, graph: graph, weights: weights)
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  /// What the file says of itself.
  public var catalog: Catalog { file.catalog }

  /// The classes of the data that the network tells apart, where it was trained on some of them; as
  /// `wsl zoo build` writes it down.
  public var classes: [Int]? {
    guard case .numbers(let numbers)? = catalog.attributes[""]?["classes"], numbers.count >= 2
    else { return nil }
    let classes = numbers.compactMap { Int(exactly: $0) }
    return classes.count == numbers.count ? classes : nil
  }

  /// An attribute that is a text.
  public func text(_ name: String) -> String? { catalog.text(name) }

  /// An attribute that is one number.
  public func number(_ name: String) -> Double? {
    guard case .numbers(let numbers)? = catalog.attributes[""]?[name], numbers.count == 1 else {
      return nil
    }
    return numbers[0]
  }
}
