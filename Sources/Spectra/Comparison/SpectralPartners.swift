import Catalogs
import ModelGraph

/// Which rows of two models' spectra belong together: those of tensors that correspond.
struct SpectralPartners {
  private var names: [String: String] = [:]
  /// The same of tensors of other shapes: factors of products have an axis, the rank, that these do not.
  private var factors: [String: String] = [:]
  /// The order of the second's axes under which it lies as the first's tensor of that name does.
  private(set) var axes: [String: [Int]] = [:]
  /// Why a tensor's partner is not compared with it: by the names of both.
  private(set) var reshaped: [String: String] = [:]

  init(_ pairing: FilePairing, _ first: Catalog, _ second: Catalog) {
    for pair in pairing.pairs {
      let name = first.tensors[pair.first].name
      names[name] = second.tensors[pair.second].name
      axes[name] = pair.axes
    }
    for pair in pairing.reshaped {
      let (one, other) = (first.tensors[pair.first], second.tensors[pair.second])
      factors[one.name] = other.name
      reshaped[one.name] = "its partner \(other.name) has the shape \(other.shape)"
      if reshaped[other.name] == nil {
        reshaped[other.name] = "its partner \(one.name) has the shape \(one.shape)"
      }
    }
  }

  /// The pairs of indices, in the first model's order.
  func pairs(_ first: [SpectralLayer], _ second: [SpectralLayer]) -> [(Int, Int)] {
    let others = Dictionary(grouping: second.indices) { second[$0].tensors }
    var result: [(Int, Int)] = []
    for group in Dictionary(grouping: first.indices, by: { first[$0].tensors }).values {
      let isProduct = first[group[0]].isProduct
      let tensors = first[group[0]].tensors.map { names[$0] ?? (isProduct ? factors[$0] : nil) }
      guard let rows = others[tensors.compactMap { $0 }], !tensors.contains(nil) else { continue }
      // The gates of a recurrent layer go by their names: frameworks have them in several orders.
      let gates = (group.map { first[$0].gate }, rows.map { second[$0].gate })
      for (place, index) in group.enumerated() {
        let partner =
          Set(gates.0) == Set(gates.1)
          ? rows[gates.1.firstIndex(of: gates.0[place]) ?? place]
          : rows.count == group.count ? rows[place] : nil
        guard let partner, first[index].isLike(second[partner]) else { continue }
        result.append((index, partner))
      }
    }
    return result.sorted { $0.0 < $1.0 }
  }
}

extension SpectralLayer {
  /// The gate that a row of a recurrent kernel is of.
  fileprivate var gate: Substring? {
    guard case .slice = source, name.last == "]", let start = name.lastIndex(of: "[") else {
      return nil
    }
    return name[start...]
  }

  /// Whether its matrix is that of two factors.
  fileprivate var isProduct: Bool { if case .product = source { true } else { false } }

  /// Whether the matrices of both have the same sides. Products may have other ranks.
  fileprivate func isLike(_ other: SpectralLayer) -> Bool {
    longSide == other.longSide && shortSide == other.shortSide && sliceCount == other.sliceCount
      && (isProduct && other.isProduct || rankBound == other.rankBound)
  }
}
