import WeightFiles
import WorkbenchCore

/// Builds a graph from a Keras configuration and the tensors beside it.
///
/// Models inside models are put in place (`outer/inner`), every call of a layer becomes a layer of
/// its own (a shared one names the same tensors again), and activations become layers.
struct KerasImporter {
  private var translator: KerasTranslator

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

  private mutating func placeSequential(
    _ model: KerasModel, at path: KerasPath, prefix: String, inputs: [Int]?
  ) throws -> [Int] {
    var layers = model.layers[...]
    var current: Int
    if let inputs {
      guard inputs.count == 1, let first = inputs.first else {
        throw Diagnostic(
          .badData, "a sequential model takes one input, not \(inputs.count)", at: [model.name])
      }
      current = first
      if layers.first?.className == "InputLayer" { layers = layers.dropFirst() }
    } else {
      guard let shape = inputShape(of: model, at: path) else {
        throw Diagnostic(
          .badData, "neither the configuration nor the weights say what the model reads",
          at: [model.name])
      }
      let first = layers.first
      let isLayer = first?.className == "InputLayer"
      current = try translator.builder.input(
        isLayer ? first?.name ?? "input" : "input", shape: shape)
      if isLayer { layers = layers.dropFirst() }
    }
    for layer in layers {
      current =
        try call(layer, at: path, prefix: prefix, inputs: [current], recorded: nil).last
        ?? current
    }
    return [current]
  }

  /// The shape that a sequential model reads: as its first layer or itself records it, else as far
  /// as the first kernel tells.
  private func inputShape(of model: KerasModel, at path: KerasPath) -> [Int?]? {
    guard let first = model.layers.first else { return nil }
    let recorded = first.attributes["batch_input_shape", "batch_shape"]
    if let shape = KerasAttributes.exampleShape(recorded) ?? model.inputShape { return shape }
    if let dimension = try? first.attributes.length("input_dim"), first.className == "Dense" {
      return [dimension]
    }
    if let inner = first.model { return inputShape(of: inner, at: path.appending(first)) }
    let shapes = translator.tensors.candidates(at: path.appending(first)).map(\.entry.shape)
    guard let kernel = shapes.first(where: { $0.count >= 2 }) else { return nil }
    let free: [Int?] = Array(repeating: nil, count: kernel.count - 2)
    guard channelOrderIsLast else { return [kernel[kernel.count - 2]] + free }
    return free + [kernel[kernel.count - 2]]
  }

  private var channelOrderIsLast: Bool { translator.channelOrder == .last }

  private mutating func placeFunctional(
    _ model: KerasModel, at path: KerasPath, prefix: String, inputs: [Int]?
  ) throws -> [Int] {
    let plan = try KerasCallPlan(model)
    var results: [KerasCallPlan.Call: [Int]] = [:]
    for call in plan.order {
      let layer = model.layers[call.layer]
      if layer.calls.isEmpty {
        results[call] = [try placeInput(layer, model, prefix: prefix, inputs: inputs)]
        continue
      }
      var sources: [Int] = []
      for reference in layer.calls[call.number] {
        let outputs = results[try plan.call(of: reference, isOutput: false)] ?? []
        guard outputs.indices.contains(reference.output) else {
          throw Diagnostic(
            .badData,
            "reads output \(reference.output) of \(reference.layer), which has "
              + "\(outputs.count)", at: [prefix + layer.name])
        }
        sources.append(outputs[reference.output])
      }
      if let mask = plan.foreignMask(of: call) {
        results[call] = [
          try translator.addUnsupported(
            layer.className, "its mask comes from the layer \(mask), which is not understood",
            path: path.appending(layer), name: prefix + layer.name, inputs: sources,
            shape: plan.recordedShape(of: call))
        ]
        continue
      }
      results[call] = try self.call(
        layer, at: path, prefix: prefix, inputs: sources,
        recorded: plan.recordedShape(of: call))
    }
    return try model.outputs.map { reference in
      let outputs = results[try plan.call(of: reference, isOutput: true)] ?? []
      guard outputs.indices.contains(reference.output) else {
        throw Diagnostic(
          .badData, "the layer has no output \(reference.output)", at: [prefix + reference.layer])
      }
      return outputs[reference.output]
    }
  }

  private mutating func placeInput(
    _ layer: KerasLayer, _ model: KerasModel, prefix: String, inputs: [Int]?
  ) throws -> Int {
    if let inputs {
      guard let position = model.inputs.firstIndex(where: { $0.layer == layer.name }),
        inputs.indices.contains(position)
      else {
        throw Diagnostic(.badData, "nothing is given to this input", at: [prefix + layer.name])
      }
      return inputs[position]
    }
    let recorded = layer.attributes["batch_shape", "batch_input_shape"]
    guard let shape = KerasAttributes.exampleShape(recorded) else {
      throw Diagnostic(
        .badData, "a layer that reads nothing and has no shape", at: [prefix + layer.name])
    }
    return try translator.builder.input(prefix + layer.name, shape: shape)
  }

  /// Adds one call of a layer, or of the model that it is.
  private mutating func call(
    _ layer: KerasLayer, at path: KerasPath, prefix: String, inputs: [Int], recorded: [Int?]?
  ) throws -> [Int] {
    let place = path.appending(layer)
    if let inner = layer.model {
      // A second call of a whole model: its layers get numbers of their own by the builder.
      return try self.place(inner, at: place, prefix: prefix + layer.name + "/", inputs: inputs)
    }
    if layer.className == "InputLayer", let first = inputs.first { return [first] }
    return [
      try translator.add(
        layer, path: place, name: prefix + layer.name, inputs: inputs, recordedShape: recorded)
    ]
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
        reason: UnusedTensor.reason(entry.name) ?? "no layer of the configuration uses it")
    }
  }
}
