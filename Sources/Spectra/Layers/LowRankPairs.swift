import ModelGraph
import WeightFiles
import WorkbenchCore

/// The pairs of factors of low-rank adaptation (Hu et al., "LoRA", 2021), by their names:
/// `….lora_A.weight` [r, in] and `….lora_B.weight` [out, r], or `lora_down` and `lora_up`.
struct LowRankPairs {
  private var pairs: [String: SpectralLayer] = [:]
  /// The names of the right factors that have a left one.
  private(set) var rightFactors: Set<String> = []

  /// Finds the pairs. The scale is `lora_alpha / r` where the adapter's configuration stands beside
  /// the weights, else 1.
  init(_ catalog: Catalog) {
    let configuration =
      (catalog.documents["adapter_config.json"] ?? catalog.documents["config.json"])
      .flatMap { try? JSONValue(parsing: $0) }
    let alpha = configuration?["lora_alpha"]?.number
    let isStabilised = configuration?["use_rslora"]?.bool == true
    for (right, left) in [("lora_A", "lora_B"), ("lora_down", "lora_up")] {
      for entry in catalog.tensors where entry.name.contains(right) {
        let other = entry.name.replacing(right, with: left)
        guard let partner = catalog.tensor(named: other), entry.shape.count == 2,
          partner.shape.count == 2, let rank = entry.shape.first, rank > 0,
          partner.shape[1] == rank, entry.shape[1] > 0, partner.shape[0] > 0,
          entry.elementType.isFloatingPoint, partner.elementType.isFloatingPoint
        else { continue }
        let sides = (partner.shape[0], entry.shape[1])
        let width = isStabilised ? Double(rank).squareRoot() : Double(rank)
        rightFactors.insert(entry.name)
        pairs[other] = SpectralLayer(
          name: Self.layerName(other, left), type: "lora", tensors: [other, entry.name],
          source: .product(scale: alpha.map { $0 / width } ?? 1),
          longSide: max(sides.0, sides.1), shortSide: min(sides.0, sides.1), sliceCount: 1,
          rankBound: min(rank, sides.0, sides.1))
      }
    }
  }

  /// The product whose left factor has that name.
  subscript(name: String) -> SpectralLayer? { pairs[name] }

  private static func layerName(_ tensor: String, _ word: String) -> String {
    let words = tensor.split(separator: ".")
    guard let place = words.firstIndex(where: { $0.contains(word) }), place > 0 else {
      return tensor
    }
    return words[..<place].joined(separator: ".")
  }
}
