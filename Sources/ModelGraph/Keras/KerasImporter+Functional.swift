import Support

extension KerasImporter {
  /// Puts layers into the graph that say which calls of which layers they read.
  mutating func placeFunctional(
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
        results[call] = try translator.addUnsupported(
          layer.className, "its mask comes from the layer \(mask), which is not understood",
          path: path.appending(layer), name: prefix + layer.name, inputs: sources,
          outputs: plan.outputs(of: call))
        continue
      }
      results[call] = try self.call(
        layer, at: path, prefix: prefix, inputs: sources,
        arguments: layer.arguments[call.number], outputs: plan.outputs(of: call))
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
}
