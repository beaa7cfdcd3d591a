import Catalogs
import ModelGraph
import Support

/// Which models of an index the adapters among them were trained on.
struct AdapterBases {
  /// The base of each adapter and how sure that is: 1 where its configuration names it, 0.5 where its shapes fit one
  /// tree alone.
  private(set) var bases: [Int: (base: Int, score: Double)] = [:]
  /// Why an adapter has none.
  private(set) var reasons: [Int: String] = [:]

  /// Finds the bases.
  ///
  /// - Parameters:
  ///   - catalogs: the tensors of each model.
  ///   - documented: the model that each one's own documents name, where the index has it.
  ///   - tree: the tree of a model by its weights, and the root of it; nil where there is none.
  /// - Complexity: O(layers) a model, and for each adapter that names no base O(models · its modules).
  init(
    _ catalogs: [Catalog], documented: [Int?], tree: (Int) -> (tree: Int, root: Int)?
  ) {
    let adapters = catalogs.indices.filter { ModelLayers.needDocuments(catalogs[$0].tensors) }
    guard !adapters.isEmpty else { return }
    let isAdapter = Set(adapters)
    var layers: [Int: [String: [Int]]] = [:]
    func shapes(_ model: Int) -> [String: [Int]] {
      if let known = layers[model] { return known }
      let found = Dictionary(
        ModelLayers(catalogs[model]).layers.map { (Self.module($0.name), [$0.rows, $0.columns]) },
        uniquingKeysWith: { first, _ in first })
      layers[model] = found
      return found
    }
    for adapter in adapters {
      if let base = documented[adapter], !isAdapter.contains(base) {
        bases[adapter] = (base, 1)
        continue
      }
      let modules = shapes(adapter)
      guard !modules.isEmpty else { continue }
      let fitting = catalogs.indices.filter { model in
        guard !isAdapter.contains(model) else { return false }
        let own = shapes(model)
        return modules.allSatisfy { own[$0.key] == $0.value }
      }
      let trees = Set(fitting.map { tree($0)?.root ?? $0 })
      if trees.count == 1, let root = trees.first {
        bases[adapter] = (root, 0.5)
      } else {
        reasons[adapter] =
          trees.isEmpty
          ? "it is an adapter, and no model of the index has its layers"
          : "it is an adapter whose base is not named, and \(trees.count) trees have its layers"
      }
    }
  }

  /// A module's name without what wrappers put before it, and a kernel's without its last word.
  private static func module(_ name: String) -> String {
    var words = name.replacing("/", with: ".").split(separator: ".").map(String.init)
    if words.starts(with: ["base_model", "model"]) { words.removeFirst(2) }
    if let last = words.last, ["weight", "kernel"].contains(last) { words.removeLast() }
    return words.joined(separator: ".")
  }
}
