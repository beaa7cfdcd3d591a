import Catalogs
import Support

/// The classes of a Keras model's layers, by the names under which files keep them, and the equations
/// of those that have one.
struct KerasClasses {
  private struct Item: Hashable {
    var className: String
    var equation: String?
  }

  private var byName: [String: Set<Item>] = [:]
  private var byStorage: [String: Set<Item>] = [:]
  private let catalog: Catalog

  /// Reads the configuration, where the file has one.
  init(_ catalog: Catalog) {
    self.catalog = catalog
    let bytes =
      catalog.documents["config.json"] ?? catalog.text("model_config").map { Array($0.utf8) }
    guard let bytes, let document = try? JSONValue(parsing: bytes) else { return }
    add(document["config"])
  }

  private mutating func add(_ config: JSONValue?) {
    var counts: [String: Int] = [:]
    for layer in config?["layers"]?.array ?? config?.array ?? [] {
      guard let whole = layer["class_name"]?.string else { continue }
      let className = whole.split(separator: ">").last.map(String.init) ?? whole
      let item = Item(
        className: className, equation: layer["config"]?["equation"]?.string)
      if let name = layer["config"]?["name"]?.string ?? layer["name"]?.string {
        byName[name, default: []].insert(item)
      }
      // Keras 3 keeps the second EinsumDense of a model under `einsum_dense_1`.
      let number = counts[className, default: 0]
      counts[className] = number + 1
      let words = ["EinsumDense": "einsum_dense", "MultiHeadAttention": "multi_head_attention"]
      if let word = words[className] {
        byStorage[number == 0 ? word : "\(word)_\(number)", default: []].insert(item)
      }
      add(layer["config"])
    }
  }

  /// The equation of the layer that has a tensor; nil where the configuration has none, or several.
  func equation(of tensor: String) -> EinsumEquation? {
    let items = Self.places(tensor).compactMap { item($0) }
    return items.lazy.filter { $0.className == "EinsumDense" }.compactMap(\.equation).first
      .flatMap { EinsumEquation($0) }
  }

  /// Whether the layer that has a tensor is one of Keras's own attention layers.
  func isAttention(_ tensor: String) -> Bool {
    Self.places(tensor).compactMap { item($0) }.contains {
      ["MultiHeadAttention", "GroupQueryAttention", "GroupedQueryAttention"].contains($0.className)
    }
  }

  /// The paths of a tensor's layer and of those around it, the innermost first.
  private static func places(_ tensor: String) -> [String] {
    let words = tensor.split(separator: "/")
    return words.indices.dropFirst().reversed().map { words[..<$0].joined(separator: "/") }
  }

  private func item(_ path: String) -> Item? {
    let last = path.split(separator: "/").last.map(String.init) ?? path
    if let name = catalog.text("name", of: path + "/vars"), let own = byName[name] {
      return own.count == 1 ? own.first : nil
    }
    let own = byName[last] ?? byStorage[last] ?? []
    return own.count == 1 ? own.first : nil
  }
}
