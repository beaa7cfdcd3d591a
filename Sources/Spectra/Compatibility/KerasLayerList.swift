import Catalogs
import Support

/// The layers of a Keras model, as its `layers` property lists them, by name and class.
struct KerasLayerList {
  struct Item {
    var name: String
    /// WeightWatcher's type, which it finds in the name of the class; nil for layers without weights
    /// to it.
    var type: String?
  }

  let layers: [Item]

  /// Reads the configuration; nil where the file has none that lists layers.
  init?(_ catalog: Catalog) {
    let document =
      catalog.documents["config.json"] ?? catalog.text("model_config").map { Array($0.utf8) }
    guard let document, let json = try? JSONValue(parsing: document),
      let list = json["config"]?["layers"]?.array ?? json["config"]?.array
    else { return nil }
    let isSequential = json["class_name"]?.string == "Sequential"
    layers = list.compactMap { layer in
      guard let type = layer["class_name"]?.string else { return nil }
      // A sequential model does not count its input.
      if isSequential, type == "InputLayer" { return nil }
      let name = layer["config"]?["name"]?.string ?? layer["name"]?.string ?? ""
      let word = type.lowercased()
      let known = ["dense", "conv1d", "conv2d", "embedding"].first { word.contains($0) }
      return Item(name: name, type: known)
    }
  }
}
