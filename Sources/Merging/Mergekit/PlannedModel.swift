import Catalogs
import WeightFiles

/// A model of a recipe: its tensors by layer.
struct PlannedModel: Sendable {
  let file: WeightFile
  /// Where its layers stand; nil where that cannot be told.
  let row: LayerRow?
  /// The tensors of no layer.
  let outer: [String]
  /// What comes behind the number of each layer, for its tensors.
  let layers: [Int: [String]]
  private let places: [String: Int]

  /// Takes a model.
  ///
  /// - Parameter configuredLayers: how many layers its configuration tells.
  init(_ file: WeightFile, configuredLayers: Int?) {
    self.file = file
    let tensors = file.catalog.tensors.filter { !($0.role?.isOfTraining ?? false) }
    let row = LayerRow(tensors.map(\.name), configured: configuredLayers)
    self.row = row
    var outer: [String] = []
    var layers: [Int: [String]] = [:]
    for tensor in tensors {
      if let (index, rest) = row?.layer(of: tensor.name) {
        layers[index, default: []].append(rest)
      } else {
        outer.append(tensor.name)
      }
    }
    self.outer = outer
    self.layers = layers
    places = Dictionary(
      file.catalog.tensors.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The tensor of a name.
  func entry(_ name: String) -> TensorEntry? {
    places[name].map { file.catalog.tensors[$0] } ?? file.catalog.tensor(named: name)
  }
}
