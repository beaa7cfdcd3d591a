import COneDNN
import ModelGraph
import Support

/// What layers hand to one another, and the layouts that it is wanted in.
extension ProgramBuilder {
  /// The inputs of a layer.
  func inputs(of layer: Layer) throws -> [Value] {
    try layer.inputs.map { index in
      guard values.indices.contains(index), let value = values[index] else {
        throw Diagnostic(.badData, "a layer comes before its inputs", at: [layer.name])
      }
      return value
    }
  }

  /// The only input of a layer.
  func input(of layer: Layer) throws -> Value {
    let all = try inputs(of: layer)
    guard all.count == 1 else {
      throw Diagnostic(
        .badData, "a \(layer.operation.name) layer takes one input, not \(all.count)",
        at: [layer.name])
    }
    return all[0]
  }

  /// Records the output of a layer.
  func define(_ value: Value, for index: Int) { values[index] = value }

  /// A value with memory in a layout of its own logical shape.
  func makeValue(
    _ name: String, shape: [Int], channelAxis: Int, layout: DataLayout? = nil
  ) throws -> Value {
    let value = try Value(name: name, batch: batch, shape: shape, channelAxis: channelAxis)
    value.forms = [makeForm(layout ?? value.plainLayout)]
    return value
  }

  /// Fresh memory of a layout.
  func makeForm(_ layout: DataLayout, isPinned: Bool = false) -> Form {
    Form(layout: layout, buffer: Buffer(byteCount: layout.byteCount, isPinned: isPinned))
  }

  /// Whether somebody outside the program reads the output of a layer, or several layers do.
  func isObserved(_ index: Int) -> Bool {
    consumerCounts[index] != 1 || graph.outputs.contains(index)
      || options.captures.contains(graph.layers[index].name)
  }

  /// The activation that is the only consumer of a layer, which may then be fused with it.
  func soleActivation(after index: Int) -> (index: Int, activation: Activation)? {
    guard !isObserved(index) else { return nil }
    let next = graph.layers.firstIndex { $0.inputs.contains(index) }
    guard let next, graph.layers[next].inputs == [index],
      case .activation(let activation) = graph.layers[next].operation
    else { return nil }
    return isDropped(next) ? nil : (next, activation)
  }

  /// Whether a layer is the activation at the network's end that is left out.
  func isDropped(_ index: Int) -> Bool {
    guard options.dropsFinalSoftmax || options.dropsFinalSigmoid,
      index == graph.finalActivationLayer
    else { return false }
    return graph.layers[index].operation == .activation(.softmax)
      ? options.dropsFinalSoftmax
      : graph.layers[index].operation == .activation(.sigmoid) && options.dropsFinalSigmoid
  }

  /// A tensor in another layout of the same logical shape; itself where the layouts agree.
  func reorder(_ form: Form, to layout: DataLayout) throws -> Form {
    if form.layout == layout { return form }
    let target = makeForm(layout)
    emit(try reorderCommand(from: form, to: target))
    return target
  }

  /// The command that copies a tensor to another layout.
  func reorderCommand(from source: Form, to target: Form) throws -> PrimitiveCommand {
    let primitive = try Primitive("reorder") {
      onednn_reorder(source.layout.handle, target.layout.handle, $0)
    }
    return PrimitiveCommand(primitive, [(ONEDNN_SOURCE, source), (ONEDNN_DESTINATION, target)])
  }

  /// A value in a layout.
  func form(of value: Value, as layout: DataLayout) throws -> Form {
    if let known = value.forms.first(where: { $0.layout == layout }) { return known }
    let made = try reorder(value.forms[0], to: layout)
    value.forms.append(made)
    return made
  }

  /// A value in the model's own order.
  func plain(_ value: Value) throws -> Form { try form(of: value, as: value.plainLayout) }
}
