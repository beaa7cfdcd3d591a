import Catalogs
import Support

/// Builds a graph from a Keras configuration and the tensors beside it.
///
/// Models inside models are put in place (`outer/inner`), every call of a layer becomes a layer of
/// its own (a shared one names the same tensors again), and activations become layers.
struct KerasImporter {
  var translator: KerasTranslator

  /// The graph of a configuration.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the layer.
  static func graph(of document: JSONValue, _ catalog: Catalog) throws -> ModelGraph {
    let model = try KerasModel(document)
    let tensors = KerasTensors(catalog)
    let version = KerasImporter.version(of: catalog)
    let order = KerasImporter.channelOrder(of: model) ?? .last
    var importer = KerasImporter(
      translator: KerasTranslator(
        builder: ModelGraph.Builder(source: "keras config", channelOrder: order),
        tensors: tensors, version: version))
    let root = KerasPath(names: [], storage: [])
    let outputs = try importer.place(model, at: root, prefix: "", inputs: nil)
    var graph = try importer.translator.builder.finish(outputs: outputs)
    graph.skipped += importer.unusedTensors(catalog)
    return graph
  }

  /// The major version of the Keras that wrote a file. A file that does not say is of Keras 1.
  static func version(of catalog: Catalog) -> Int {
    let texts = [
      catalog.text("keras_version"), catalog.text("keras_version", of: "model_weights"),
      catalog.documents["metadata.json"]
        .flatMap { try? JSONValue(parsing: $0) }?["keras_version"]?.string,
    ]
    if let text = texts.compactMap({ $0 }).first, let major = text.first?.wholeNumberValue {
      return major
    }
    return catalog.documents["config.json"] == nil ? 1 : 3
  }

  /// Where the channels stand: the first layer that says decides.
  private static func channelOrder(of model: KerasModel) -> ModelGraph.ChannelOrder? {
    for layer in model.layers {
      if let inner = layer.model, let order = channelOrder(of: inner) { return order }
      switch layer.attributes.text("data_format", "dim_ordering") {
      case "channels_first", "th": return .first
      case "channels_last", "tf": return .last
      default: continue
      }
    }
    return nil
  }

  // MARK: Models

  /// Puts the layers of a model into the graph.
  ///
  /// - Parameter inputs: the layers that the model reads; nil for the whole model, which makes its
  ///   own inputs.
  /// - Returns: the layers that are its outputs.
  private mutating func place(
    _ model: KerasModel, at path: KerasPath, prefix: String, inputs: [Int]?
  ) throws -> [Int] {
    model.isSequential
      ? try placeSequential(model, at: path, prefix: prefix, inputs: inputs)
      : try placeFunctional(model, at: path, prefix: prefix, inputs: inputs)
  }

  /// Adds one call of a layer, or of the model that it is.
  mutating func call(
    _ layer: KerasLayer, at path: KerasPath, prefix: String, inputs: [Int],
    arguments: KerasArguments = KerasArguments(), outputs: KerasOutputs
  ) throws -> [Int] {
    let place = path.appending(layer)
    if let inner = layer.model {
      // A second call of a whole model: its layers get numbers of their own by the builder.
      return try self.place(inner, at: place, prefix: prefix + layer.name + "/", inputs: inputs)
    }
    if layer.className == "InputLayer", let first = inputs.first { return [first] }
    return try translator.add(
      layer, path: place, name: prefix + layer.name, inputs: inputs, arguments: arguments,
      outputs: outputs)
  }

  // MARK: What is left over

  /// The tensors that no layer of the graph uses, with reasons.
  private func unusedTensors(_ catalog: Catalog) -> [ModelGraph.Skipped] {
    catalog.tensors.compactMap { entry in
      if let reason = translator.leftAlone[entry.name] {
        return .init(name: entry.name, reason: reason)
      }
      if translator.usedTensors.contains(entry.name) { return nil }
      return .init(
        name: entry.name,
        reason: entry.role?.reason ?? "no layer of the configuration uses it")
    }
  }
}
