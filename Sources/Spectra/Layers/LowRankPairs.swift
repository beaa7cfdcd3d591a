import Catalogs
import ModelGraph
import Support

/// The updates of an adapter of low rank as rows of the result, and what is said of them.
struct LowRankPairs {
  private var pairs: [String: SpectralLayer] = [:]
  /// The names of the tensors that are part of a row under another name: right factors, alphas.
  private(set) var partners: Set<String> = []
  /// Factors that are measured neither alone nor as a product.
  private(set) var factorsOfThree: Set<String> = []
  /// What a reader of the numbers has to know.
  private(set) var notes: [String] = []

  /// Finds the pairs.
  init(_ catalog: Catalog) {
    guard let adapter = Adapter(catalog) else { return }
    factorsOfThree = adapter.factorsOfThree
    for update in adapter.updates {
      var tensors = [update.left.name, update.right.name]
      var scale = 1.0
      switch update.scale {
      case .known(let number): scale = number
      case .tensor(let alpha):
        tensors.append(alpha.name)
        partners.insert(alpha.name)
      case .unknown: break
      }
      let (rows, columns) = (update.rows, update.columns)
      partners.insert(update.right.name)
      pairs[update.left.name] = SpectralLayer(
        name: update.prefix.isEmpty ? update.left.name : update.prefix, type: "lora",
        tensors: tensors, source: .product(scale: scale), longSide: max(rows, columns),
        shortSide: min(rows, columns), sliceCount: 1, rankBound: min(update.rank, rows, columns))
    }
    if let obstacle = adapter.obstacle {
      notes.append(
        "\(catalog.file): the rows are products of factors, which are not the updates: \(obstacle)")
    }
    let unknown = adapter.modulesOfUnknownScale
    if let first = unknown.first {
      let rest = unknown.count > 1 ? " and \(unknown.count - 1) more" : ""
      notes.append(
        "\(catalog.file): nothing says what the products are multiplied by, and 1 is taken "
          + "(lora_alpha = r): \(first)\(rest); put its \(AdapterConfiguration.name) beside it")
    }
  }

  /// The product whose left factor has that name.
  subscript(name: String) -> SpectralLayer? { pairs[name] }
}
