import Catalogs
import Support

extension KerasImporter {
  /// Puts a chain of layers into the graph: each reads the one before it.
  mutating func placeSequential(
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
    for (index, layer) in layers.enumerated() {
      // What a layer makes is what the next one was built for.
      let next = layers.dropFirst(index + 1).first?.builtShape
      let made = try call(
        layer, at: path, prefix: prefix, inputs: [current], outputs: KerasOutputs(shape: next))
      current = made.first ?? current
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
}
