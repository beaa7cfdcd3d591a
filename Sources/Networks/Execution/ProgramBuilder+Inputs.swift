import ModelGraph
import Support

extension ProgramBuilder {
  /// An input of the network.
  ///
  /// A network of several inputs takes examples in which they stand one after another, in the order
  /// of the graph's layers; each is copied to a place of its own.
  func compileInput(_ layer: Layer, at index: Int) throws {
    let inputs = graph.layers.indices.filter { graph.layers[$0].operation == .input }
    let isOnly = inputs.count == 1
    let open = layer.outputShape
    let shape = (isOnly ? options.inputShape : nil) ?? open.compactMap { $0 }
    guard shape.count == open.count, zip(shape, open).allSatisfy({ $1 == nil || $0 == $1 }) else {
      throw Diagnostic(
        .usage, "the network takes examples of shape \(describe(open)), not \(shape)",
        remedy: isOnly
          ? "give the shape of one example"
          : "networks with several inputs are run where all their shapes are known")
    }
    let channelAxis = graph.channelOrder == .last ? shape.count - 1 : 0
    let value = try makeValue(layer.name, shape: shape, channelAxis: channelAxis)
    value.needsGradient = options.needsInputGradient
    define(value, for: index)
    if isOnly {
      value.forms[0].buffer.isPinned = true
      inputBuffer = value.forms[0].buffer
      inputShape = shape
    } else {
      try emitPart(value, at: index, of: inputs)
    }
  }

  /// Copies one of several inputs out of the examples.
  private func emitPart(_ value: Value, at index: Int, of inputs: [Int]) throws {
    guard !options.needsInputGradient else {
      throw Diagnostic(.usage, "the gradient of one input can be had, not of \(inputs.count)")
    }
    let sizes = inputs.map { input in
      graph.layers[input].outputShape.reduce(1) { $0 * ($1 ?? 1) }
    }
    let width = sizes.reduce(0, +)
    let start = zip(inputs, sizes).reduce(0) { $1.0 < index ? $0 + $1.1 : $0 }
    let whole =
      inputBuffer
      ?? Buffer(byteCount: batch * width * MemoryLayout<Float>.stride, isPinned: true)
    inputBuffer = whole
    inputShape = [width]
    let part = value.forms[0].buffer
    let count = value.elementCount
    let batch = batch
    emit(
      KernelCommand(touching: [whole, part]) {
        for row in 0..<batch {
          (part.floats + row * count).update(
            from: whole.floats + row * width + start, count: count)
        }
      })
  }

  private func describe(_ shape: [Int?]) -> String {
    "[" + shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ") + "]"
  }
}
