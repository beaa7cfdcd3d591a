import WeightFiles
import WorkbenchCore

/// Turns Keras layers into layers of a graph.
struct KerasTranslator {
  /// A layer, or a setting of one, that is not understood; the layer becomes an unsupported one.
  struct NotUnderstood: Error {
    var reason: String
  }

  var builder: ModelGraph.Builder
  let tensors: KerasTensors
  /// The major version of the Keras that wrote the file: some defaults differ.
  let version: Int
  /// The tensors that layers use.
  var usedTensors: Set<String> = []
  /// The tensors of layers that are not understood, and why.
  var leftAlone: [String: String] = [:]

  var channelOrder: ModelGraph.ChannelOrder { builder.channelOrder }

  /// Adds the layers that a Keras layer stands for.
  ///
  /// - Parameters:
  ///   - path: where the layer's tensors are.
  ///   - name: its name in the graph.
  ///   - inputs: the layers it reads.
  ///   - recordedShape: the shape of its output, where the configuration has it.
  /// - Returns: the index of the last layer added.
  mutating func add(
    _ layer: KerasLayer, path: KerasPath, name: String, inputs: [Int], recordedShape: [Int?]?
  ) throws -> Int {
    let start = builder.graph.layers.count
    do {
      return try translate(layer, path: path, name: name, inputs: inputs)
    } catch let error as NotUnderstood {
      // Half a layer would leave axes free that the other half holds.
      builder.removeLayers(from: start)
      return try addUnsupported(
        layer.className, error.reason, path: path, name: name, inputs: inputs,
        shape: recordedShape)
    } catch let error as Diagnostic {
      throw error.inside(name)
    }
  }

  private mutating func translate(
    _ layer: KerasLayer, path: KerasPath, name: String, inputs: [Int]
  ) throws -> Int {
    let attributes = layer.attributes
    if let data = attributes.text("data_format", "dim_ordering"), inputs.count == 1,
      builder.shape(of: inputs[0]).count > 1
    {
      let order: ModelGraph.ChannelOrder =
        data == "channels_first" || data == "th" ? .first : .last
      if order != channelOrder {
        throw NotUnderstood(reason: "its channels are elsewhere than those of other layers")
      }
    }
    if let result = try core(layer, path, name, inputs) { return result }
    if let result = try convolutional(layer, path, name, inputs) { return result }
    if let result = try shaping(layer, name, inputs) { return result }
    if let result = try merging(layer, name, inputs) { return result }
    if let result = try recurrent(layer, path, name, inputs) { return result }
    throw NotUnderstood(reason: "layers of type \(layer.className) are not understood")
  }

  /// Adds a layer whose tensors are in the file.
  mutating func add(
    _ name: String, _ operation: Operation, _ inputs: [Int], _ expected: [ExpectedTensor],
    _ path: KerasPath
  ) throws -> Int {
    let parameters = try tensors.parameters(expected, at: path)
    usedTensors.formUnion(parameters.map(\.tensor))
    return try builder.add(name, operation, inputs: inputs, parameters: parameters)
  }

  /// Adds the activation that a layer keeps inside itself.
  mutating func activate(_ layer: KerasLayer, name: String, _ input: Int) throws -> Int {
    guard let value = layer.attributes["activation"] else { return input }
    do {
      let activation = try KerasActivation.read(value, version: version)
      if activation == .linear { return input }
      return try builder.add(
        "\(name)/\(activation.name)", .activation(activation), inputs: [input])
    } catch let error as NotUnderstood {
      let name = "\(name)/activation"
      builder.skip(name, error.reason)
      builder.cannotRun("layer \(name): \(error.reason)")
      return try builder.add(
        name, .unsupported(value.string ?? "activation"), inputs: [input],
        outputShape: builder.shape(of: input))
    }
  }

  /// Adds a layer that is not understood; nothing that meets it may move.
  mutating func addUnsupported(
    _ type: String, _ reason: String, path: KerasPath, name: String, inputs: [Int],
    shape: [Int?]?
  ) throws -> Int {
    builder.skip(name, reason)
    for tensor in tensors.everything(at: path) {
      leftAlone[tensor] = "the layer \(name) is left alone: \(reason)"
    }
    builder.cannotRun("layer \(name): \(reason)")
    do {
      return try builder.add(name, .unsupported(type), inputs: inputs, outputShape: shape)
    } catch var error as Diagnostic {
      error.message = "\(reason), and the shape of its output is not in the file"
      throw error
    }
  }
}
