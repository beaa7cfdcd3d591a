import Catalogs
import Foundation
import ModelGraph
import Support
import WeightFiles

/// What a model's own file tells and the index does not keep: its history and its layers.
struct ModelFacts: Sendable {
  /// A layer of the network.
  struct Layer: Sendable {
    var name: String
    var type: String
    var inputs: [String]
    var parameters: Int
    var output: String
  }

  /// The lists of numbers that training has left, by name: `history_test_loss` without `history_`.
  var history: [(name: String, values: [Double])] = []
  /// The layers, each after those that it reads.
  var layers: [Layer] = []
  /// How sure the layers are: declared, recognised, confirmed, assumed.
  var certainty: String?
  /// Why something is not there.
  var note: String?

  /// Reads the catalogue of a model's file; no tensor is read.
  ///
  /// - Parameter path: the file, as the index names it.
  static func read(_ path: String) async -> ModelFacts {
    var facts = ModelFacts()
    do {
      let catalog = try await WeightFile.open(path).catalog
      facts.history = (catalog.attributes[""] ?? [:]).sorted { $0.key < $1.key }
        .compactMap { name, value in
          guard name.hasPrefix("history_"), case .numbers(let numbers) = value, !numbers.isEmpty
          else { return nil }
          return (String(name.dropFirst("history_".count)), numbers)
        }
      let graph = try ModelGraph(catalog)
      facts.certainty = graph.certainty.rawValue
      facts.layers = graph.layers.map { Layer($0, in: graph) }
    } catch let error as Diagnostic {
      facts.note = PageFrame.words(error)
    } catch {
      facts.note = "the file cannot be read"
    }
    return facts
  }
}

extension ModelFacts.Layer {
  fileprivate init(_ layer: Layer, in graph: ModelGraph) {
    name = layer.name
    type = layer.operation.name
    inputs = layer.inputs.map { graph.layers[$0].name }
    parameters = layer.parameters.reduce(0) { $0 + $1.shape.reduce(1, *) }
    output =
      "[" + layer.outputShape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ") + "]"
  }
}
