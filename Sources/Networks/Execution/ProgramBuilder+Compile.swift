import COneDNN
import ModelGraph
import Support

/// The ends of a program: what its user writes and reads.
struct ProgramEnds {
  var inputShape: [Int]
  var outputShape: [Int]
  var input: Buffer
  var output: Buffer
  var outputGradient: Buffer?
  var inputGradient: Buffer?
  var outputTangent: Buffer?
  var outputGradientTangent: Buffer?
  var captures: [String: (shape: [Int], buffer: Buffer)]

  /// All buffers that are touched from outside.
  var buffers: [Buffer] {
    [input, output]
      + [outputGradient, inputGradient, outputTangent, outputGradientTangent].compactMap { $0 }
      + captures.values.map(\.buffer)
  }
}

extension ProgramBuilder {
  /// Compiles all layers, forward and backward.
  func compile() throws -> ProgramEnds {
    if let reason = graph.whyNotRunnable {
      throw Diagnostic(
        .badData, "the network cannot be run: \(reason)",
        remedy:
          "give its .keras file or ONNX export, which say it, describe it in a file with \(setting: .graph), "
          + "or run it with \(setting: .evaluator)")
    }
    guard let last = graph.outputs.first, graph.layers.indices.contains(last) else {
      throw Diagnostic(.badData, "the network has no output")
    }
    let layers = graph.layers
    for name in options.captures where !layers.contains(where: { $0.name == name }) {
      throw Diagnostic(
        .usage, "the network has no layer of this name", at: [name],
        remedy: "its layers are \(layers.map(\.name).joined(separator: ", "))")
    }
    for (index, layer) in layers.enumerated() {
      do {
        if options.differentiatesTwice {
          try compileTwice(layer, at: index)
        } else {
          try compile(layer, at: index)
        }
      } catch let error as Diagnostic {
        throw error.inside(layer.name)
      }
    }
    return try ends(last: last)
  }

  /// Compiles one layer.
  func compile(_ layer: Layer, at index: Int) throws {
    if fusedIntoNormalization.contains(index) { return }
    switch layer.operation {
    case .input: try compileInput(layer, at: index)
    case .dense(let units): try compileDense(units: units, layer, at: index)
    case .convolution(let parameters): try compileConvolution(parameters, layer, at: index)
    case .transposedConvolution(let parameters):
      try compileTransposedConvolution(parameters, layer, at: index)
    case .upsampling(let parameters): try compileUpsampling(parameters, layer, at: index)
    case .elementwise(let function): try compileElementwise(function, layer, at: index)
    case .recurrentState: try compileRecurrentState(layer, at: index)
    case .pooling(let parameters): try compilePooling(parameters, layer, at: index)
    case .globalPooling(let kind, let keepsAxes):
      try compileGlobalPooling(kind, keepsAxes: keepsAxes, layer, at: index)
    case .zeroPadding(let margins): try compileMargins(margins, sign: 1, layer, at: index)
    case .edgePadding(let padding): try compileEdgePadding(padding, layer, at: index)
    case .cropping(let margins): try compileMargins(margins, sign: -1, layer, at: index)
    case .flatten:
      let count = try input(of: layer).elementCount
      try compileReshape([count], layer, at: index)
    case .reshape(let shape): try compileReshape(shape, layer, at: index)
    case .batchNormalization(let epsilon, let momentum):
      try compileBatchNormalization(epsilon: epsilon, momentum: momentum, layer, at: index)
    case .layerNormalization(let epsilon, let axisCount):
      try compileLayerNormalization(epsilon: epsilon, axisCount: axisCount, layer, at: index)
    case .activation where isDropped(index), .activation(.linear):
      try pass(layer, at: index)
    case .activation(let activation): try compileActivation(activation, layer, at: index)
    case .dropout(let rate): try compileDropout(rate: rate, layer, at: index)
    case .add: try compileAddition(layer, at: index)
    case .multiply: try compileMultiplication(layer, at: index)
    case .concatenate(let axis): try compileConcatenation(axis: axis, layer, at: index)
    case .embedding(let vocabulary, let size, let masksZero):
      try compileEmbedding(
        vocabulary: vocabulary, size: size, masksZero: masksZero, layer, at: index)
    case .masking(let value): try compileMasking(value: Float(value), layer, at: index)
    case .recurrent(let parameters): try compileRecurrent(parameters, layer, at: index)
    case .rescaling(let scale, let offset):
      let function = onednn_function(
        kind: ONEDNN_LINEAR, alpha: Float(scale), beta: Float(offset))
      try compileFunction(function, try input(of: layer), layer, at: index)
    case .channelPadding(let margin): try compileChannelPadding(margin, layer, at: index)
    case .attention, .rmsNormalization, .groupNormalization, .select, .tableAddition,
      .sinusoidalPositions, .prepend, .channelScale, .parametricRelu, .steps, .stepDense, .routing,
      .mixture, .selectiveScan, .spaceToDepth:
      try compileSequence(layer, at: index)
    case .rearrange(let rearrangement):
      try compileRearrangement(rearrangement, layer, at: index)
    case .perChannel(let type), .unsupported(let type):
      throw Diagnostic(
        .badData, "layers of type \(type) cannot be run",
        remedy: "the network can still be inspected and matched by its weights")
    }
  }

  /// A layer that does nothing: its output is its input.
  func pass(_ layer: Layer, at index: Int) throws { define(try input(of: layer), for: index) }

  private func ends(last: Int) throws -> ProgramEnds {
    guard let first = graph.layers.firstIndex(where: { $0.operation == .input }),
      let input = values[first], let inputBuffer
    else { throw Diagnostic(.badData, "the network has no input") }
    guard let output = values[last] else {
      throw Diagnostic(.badData, "the network has no output")
    }
    let result = try plain(output)
    result.buffer.isPinned = true
    var captures: [String: (shape: [Int], buffer: Buffer)] = [:]
    for (index, layer) in graph.layers.enumerated() where options.captures.contains(layer.name) {
      guard let value = values[index] else { continue }
      let form = try plain(value)
      form.buffer.isPinned = true
      captures[layer.name] = (value.shape, form.buffer)
    }
    var ends = ProgramEnds(
      inputShape: inputShape, outputShape: output.shape, input: inputBuffer,
      output: result.buffer, captures: captures)
    if options.isDifferentiated {
      let gradient = makeForm(output.plainLayout, isPinned: true)
      ends.outputGradient = gradient.buffer
      contribute(gradient, to: output)
      if let tangent = output.tangent {
        let values = try inTangent { try plain(tangent) }
        values.buffer.isPinned = true
        ends.outputTangent = values.buffer
        let change = makeForm(tangent.plainLayout, isPinned: true)
        ends.outputGradientTangent = change.buffer
        contribute(change, to: tangent)
      }
      try emitBackward()
      if options.needsInputGradient, let total = try self.gradient(of: input, as: input.plainLayout)
      {
        total.buffer.isPinned = true
        ends.inputGradient = total.buffer
      }
    }
    return ends
  }
}
