public import Catalogs
import Probes
import Spectra
import Support
import WeightFiles

/// The layers that models of an index have in common, and the models that lack them.
public struct SharedLayers {
  /// The layers, in a file's order.
  public private(set) var layers: [ModelLayers.Layer] = []
  /// The longest inner side of each layer's factors; nil for matrices.
  private(set) var ranks: [Int?] = []
  /// How many layers are not taken because their shapes differ, or too few models have them.
  public private(set) var notTried = 0
  /// Why models are left out, by their place.
  public private(set) var reasons: [Int: String] = [:]

  /// Compares the catalogues of models.
  ///
  /// - Parameters:
  ///   - models: the tensors of each, and what wrote it.
  ///   - name: the layer that is asked for: its own name or that of its tensor; nil takes all that most
  ///     models have.
  ///   - convolutions: how kernels of convolutions become matrices.
  /// - Throws: `Diagnostic` of code `usage` where no model has the layer.
  public init(
    _ catalogs: [Catalog], named name: String?,
    convolutions: ModelLayers.Convolutions = .transposed
  ) throws {
    let found = catalogs.map { ModelLayers($0, convolutions: convolutions).layers }
    if let name {
      try take(name, found)
    } else {
      takeAll(found)
    }
    guard !layers.isEmpty else {
      throw Diagnostic(
        .badData, "the models have no matrix in common",
        remedy: "choose models of one architecture with a filter")
    }
    let places = Dictionary(
      layers.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    ranks = layers.map(\.rank)
    for (model, own) in found.enumerated() {
      var seen = 0
      for layer in own {
        guard let place = places[layer.name] else { continue }
        if layer.shape == layers[place].shape {
          seen += 1
        } else {
          reasons[model] =
            "its layer \(layer.name) is \(layer.rows)×\(layer.columns)"
            + (layer.rank == nil ? "" : " in two factors")
            + ", that of most models \(layers[place].rows)×\(layers[place].columns)"
        }
      }
      if reasons[model] == nil, seen < layers.count {
        let names = Set(own.map(\.name))
        let missing = layers.first { !names.contains($0.name) }?.name ?? ""
        reasons[model] = "it has no layer \(missing)"
      }
      guard reasons[model] == nil else { continue }
      for layer in own {
        guard let place = places[layer.name], let rank = layer.rank else { continue }
        ranks[place] = max(ranks[place] ?? 0, rank)
      }
    }
  }

  private mutating func take(_ name: String, _ found: [[ModelLayers.Layer]]) throws {
    func isMeant(_ layer: ModelLayers.Layer) -> Bool {
      layer.name == name || layer.source.name == name || layer.source.tensors == [name]
    }
    let candidates = found.compactMap { $0.first(where: isMeant) }
    guard let layer = Self.mostFrequent(candidates) else {
      let known = found.first?.map(\.name) ?? []
      throw Diagnostic(
        .usage, "no model has a layer '\(name)'",
        remedy: known.isEmpty
          ? "none has a matrix" : "there are: \(known.prefix(20).joined(separator: ", "))")
    }
    layers = [layer]
  }

  /// The share of the models of the most frequent layer that a layer has to have.
  private static let shareOfMost = 0.9

  /// The layers that about as many models have as any layer has: of models with heads of different
  /// lengths, all layers but the heads.
  private mutating func takeAll(_ found: [[ModelLayers.Layer]]) {
    var counts: [[String]: (count: Int, model: Int, place: Int)] = [:]
    for (model, own) in found.enumerated() {
      for (place, layer) in own.enumerated() {
        let key = [layer.name] + layer.shape.map(String.init)
        counts[key, default: (0, model, place)].count += 1
      }
    }
    let most = counts.values.map(\.count).max() ?? 0
    let taken = counts.values.filter { Double($0.count) >= Self.shareOfMost * Double(most) }
    notTried = Set(counts.keys.map { $0[0] }).count - taken.count
    layers = taken.sorted { ($0.model, $0.place) < ($1.model, $1.place) }
      .map { found[$0.model][$0.place] }
  }

  private static func mostFrequent(_ layers: [ModelLayers.Layer]) -> ModelLayers.Layer? {
    let counts = Dictionary(grouping: layers, by: \.shape)
    return counts.values.max {
      ($0.count, $1[0].name) < ($1.count, $0[0].name)
    }?.first
  }
}
