import Foundation
import ModelGraph

/// Runs a graph slowly and plainly in Float64, one formula an operation, in the model's own axis
/// order. It shares nothing with the module under test.
struct ReferenceInterpreter {
  let graph: ModelGraph
  var weights: [String: ReferenceTensor]
  /// Whether batch normalisation takes the batch's statistics.
  var isTraining = false
  /// What dropout multiplies each element with, by layer; layers without are left as they are.
  var dropoutFactors: [String: [Double]] = [:]

  /// The outputs of all layers.
  func run(_ input: ReferenceTensor) -> [ReferenceTensor] {
    var outputs: [ReferenceTensor] = []
    var masks: [ReferenceTensor?] = []
    for layer in graph.layers {
      let inputs = layer.inputs.map { outputs[$0] }
      let mask = layer.inputs.lazy.compactMap { masks[$0] }.first
      let result = evaluate(layer, inputs, input: input, mask: mask)
      outputs.append(result)
      masks.append(newMask(layer, inputs) ?? mask)
    }
    return outputs
  }

  private func newMask(_ layer: Layer, _ inputs: [ReferenceTensor]) -> ReferenceTensor? {
    switch layer.operation {
    case .masking(let value):
      let shape = Array(inputs[0].shape.prefix(2))
      let width = inputs[0].shape.dropFirst(2).reduce(1, *)
      return ReferenceTensor(
        shape: shape,
        values: (0..<shape.reduce(1, *)).map { step in
          inputs[0].values[step * width..<(step + 1) * width].allSatisfy { $0 == value } ? 0 : 1
        })
    case .embedding(_, _, true): return inputs[0].map { $0 == 0 ? 0 : 1 }
    default: return nil
    }
  }

  private func evaluate(
    _ layer: Layer, _ inputs: [ReferenceTensor], input: ReferenceTensor, mask: ReferenceTensor?
  ) -> ReferenceTensor {
    func parameter(_ role: Parameter.Role) -> ReferenceTensor? {
      layer.parameter(role).flatMap { weights[$0.tensor] }
    }
    switch layer.operation {
    case .input: return input
    case .dense: return dense(layer, inputs[0])
    case .convolution(let parameters): return convolution(parameters, layer, inputs[0])
    case .pooling(let parameters): return pooling(parameters, inputs[0])
    case .globalPooling(.average, keepsAxes: false) where mask != nil:
      return maskedMean(inputs[0], mask)
    case .globalPooling(let kind, let keepsAxes):
      let spatial = spatialShape(inputs[0])
      let pooled = pooling(
        Pooling(kind: kind, size: spatial, strides: spatial, padding: .valid), inputs[0])
      if keepsAxes { return pooled }
      return ReferenceTensor(
        shape: [pooled.shape[0], pooled.shape[channelAxis(pooled)]], values: pooled.values)
    case .edgePadding(let padding):
      return repeated(inputs[0], padding, spatialMargins(padding.margins, inputs[0]))
    case .zeroPadding(let margins): return padded(inputs[0], spatialMargins(margins, inputs[0]))
    case .cropping(let margins):
      let negative = margins.map { Margin(-$0.before, -$0.after) }
      return padded(inputs[0], spatialMargins(negative, inputs[0]))
    case .channelPadding(let margin):
      var margins = inputs[0].shape.dropFirst().map { _ in Margin(0, 0) }
      margins[channelAxis(inputs[0]) - 1] = margin
      return padded(inputs[0], margins)
    case .flatten:
      let batch = inputs[0].shape[0]
      return ReferenceTensor(
        shape: [batch, inputs[0].values.count / batch], values: inputs[0].values)
    case .reshape(let shape):
      return ReferenceTensor(shape: [inputs[0].shape[0]] + shape, values: inputs[0].values)
    case .batchNormalization(let epsilon, _):
      return batchNormalization(layer, inputs[0], epsilon: epsilon)
    case .layerNormalization(let epsilon, let axisCount):
      return layerNormalization(layer, inputs[0], epsilon: epsilon, axisCount: axisCount)
    case .activation(.softmax): return softmax(inputs[0])
    case .activation(let activation): return inputs[0].map { value(of: activation, at: $0) }
    case .rescaling(let scale, let offset): return inputs[0].map { $0 * scale + offset }
    case .dropout:
      guard let factors = dropoutFactors[layer.name] else { return inputs[0] }
      return ReferenceTensor(
        shape: inputs[0].shape, values: zip(inputs[0].values, factors).map { $0 * $1 })
    case .add: return merged(inputs) { $0 + $1 }
    case .multiply: return merged(inputs) { $0 * $1 }
    case .concatenate(let axis): return concatenated(inputs, axis: axis + 1)
    case .embedding(_, let size, _):
      let table = parameter(.embeddings) ?? ReferenceTensor(zeros: [])
      return ReferenceTensor(
        shape: inputs[0].shape + [size],
        values: inputs[0].values.flatMap { row in
          table.values[Int(row) * size..<(Int(row) + 1) * size]
        })
    case .masking(let value):
      let width = inputs[0].shape.dropFirst(2).reduce(1, *)
      var result = inputs[0]
      for start in stride(from: 0, to: result.values.count, by: width)
      where result.values[start..<start + width].allSatisfy({ $0 == value }) {
        for element in start..<start + width { result.values[element] = 0 }
      }
      return result
    case .recurrent(let parameters):
      return recurrent(parameters, layer, inputs[0], mask: mask)
    case .elementwise(let function):
      switch function {
      case .average: return merged(inputs) { $0 + $1 }.map { $0 / Double(inputs.count) }
      case .maximum: return merged(inputs) { max($0, $1) }
      case .minimum: return merged(inputs) { min($0, $1) }
      case .subtract: return merged(inputs) { $0 - $1 }
      }
    case .transposedConvolution, .upsampling, .recurrentState, .rearrange, .perChannel:
      preconditionFailure("these are compared with what other libraries answer")
    case .attention, .rmsNormalization, .groupNormalization, .select, .tableAddition,
      .sinusoidalPositions, .prepend, .channelScale, .parametricRelu, .steps, .stepDense, .routing,
      .mixture, .selectiveScan, .spaceToDepth:
      return sequence(layer, inputs, mask: mask)
    case .unsupported: preconditionFailure("nothing to compare with")
    }
  }

  // MARK: Axes

  /// The axis of the channels, the batch axis counted.
  func channelAxis(_ tensor: ReferenceTensor) -> Int {
    graph.channelOrder == .first ? 1 : tensor.shape.count - 1
  }

  func spatialAxes(_ tensor: ReferenceTensor) -> [Int] {
    (1..<tensor.shape.count).filter { $0 != channelAxis(tensor) }
  }

  func spatialShape(_ tensor: ReferenceTensor) -> [Int] {
    spatialAxes(tensor).map { tensor.shape[$0] }
  }

  private func spatialMargins(_ margins: [Margin], _ tensor: ReferenceTensor) -> [Margin] {
    var all = margins
    all.insert(Margin(0, 0), at: channelAxis(tensor) - 1)
    return all
  }

  // MARK: Simple operations

  private func padded(_ input: ReferenceTensor, _ margins: [Margin]) -> ReferenceTensor {
    let all = [Margin(0, 0)] + margins
    let shape = zip(input.shape, all).map { $0 + $1.before + $1.after }
    var result = ReferenceTensor(zeros: shape)
    for index in ReferenceTensor.indices(shape) {
      let from = zip(index, all).map { $0 - $1.before }
      if zip(from, input.shape).allSatisfy({ $0 >= 0 && $0 < $1 }) { result[index] = input[from] }
    }
    return result
  }

  /// Positions around an image, each the one inside that a walk from it towards the image, or back and
  /// forth in it, meets.
  private func repeated(
    _ input: ReferenceTensor, _ padding: EdgePadding, _ margins: [Margin]
  ) -> ReferenceTensor {
    let all = [Margin(0, 0)] + margins
    let shape = zip(input.shape, all).map { $0 + $1.before + $1.after }
    var result = ReferenceTensor(zeros: shape)
    for index in ReferenceTensor.indices(shape) {
      let from = index.indices.map { axis -> Int in
        var place = index[axis] - all[axis].before
        let last = input.shape[axis] - 1
        while place < 0 || place > last {
          switch padding.kind {
          case .edge: place += place < 0 ? 1 : -1
          case .reflect: place = place < 0 ? -place : 2 * last - place
          }
        }
        return place
      }
      result[index] = input[from]
    }
    return result
  }

  private func merged(
    _ inputs: [ReferenceTensor], _ combine: (Double, Double) -> Double
  ) -> ReferenceTensor {
    let shape = inputs[0].shape.indices.map { axis in inputs.map { $0.shape[axis] }.max() ?? 1 }
    var result = ReferenceTensor(zeros: shape)
    for index in ReferenceTensor.indices(shape) {
      let values = inputs.map { input in
        input[zip(index, input.shape).map { $1 == 1 ? 0 : $0 }]
      }
      result[index] = values.dropFirst().reduce(values[0], combine)
    }
    return result
  }

  private func concatenated(_ inputs: [ReferenceTensor], axis: Int) -> ReferenceTensor {
    var shape = inputs[0].shape
    shape[axis] = inputs.reduce(0) { $0 + $1.shape[axis] }
    var result = ReferenceTensor(zeros: shape)
    var start = 0
    for input in inputs {
      for index in ReferenceTensor.indices(input.shape) {
        var target = index
        target[axis] += start
        result[target] = input[index]
      }
      start += input.shape[axis]
    }
    return result
  }

  private func softmax(_ input: ReferenceTensor) -> ReferenceTensor {
    var result = input
    let axis = channelAxis(input)
    var outer = input.shape
    outer[axis] = 1
    for index in ReferenceTensor.indices(outer) {
      let all = (0..<input.shape[axis]).map { channel in
        var place = index
        place[axis] = channel
        return place
      }
      let sum = all.reduce(0) { $0 + exp(input[$1]) }
      for place in all { result[place] = exp(input[place]) / sum }
    }
    return result
  }

  private func batchNormalization(
    _ layer: Layer, _ input: ReferenceTensor, epsilon: Double
  ) -> ReferenceTensor {
    let axis = channelAxis(input)
    var result = input
    func vector(_ role: Parameter.Role) -> [Double]? {
      layer.parameter(role).flatMap { weights[$0.tensor]?.values }
    }
    for channel in 0..<input.shape[axis] {
      let places = ReferenceTensor.indices(input.shape).filter { $0[axis] == channel }
      var mean = vector(.movingMean)?[channel] ?? 0
      var variance = vector(.movingVariance)?[channel] ?? 1
      if isTraining {
        mean = places.reduce(0) { $0 + input[$1] } / Double(places.count)
        variance = places.reduce(0) { $0 + pow(input[$1] - mean, 2) } / Double(places.count)
      }
      let gamma = vector(.gamma)?[channel] ?? 1
      let beta = vector(.beta)?[channel] ?? 0
      for place in places {
        result[place] = (input[place] - mean) / (variance + epsilon).squareRoot() * gamma + beta
      }
    }
    return result
  }

  private func layerNormalization(
    _ layer: Layer, _ input: ReferenceTensor, epsilon: Double, axisCount: Int
  ) -> ReferenceTensor {
    if axisCount == 1, graph.channelOrder == .first, input.shape.count > 2,
      layer.parameters.allSatisfy({ $0.axes == [.output] })
    {
      return channelNormalization(layer, input, epsilon: epsilon)
    }
    let width = input.shape.suffix(axisCount).reduce(1, *)
    let gamma = layer.parameter(.gamma).flatMap { weights[$0.tensor]?.values }
    let beta = layer.parameter(.beta).flatMap { weights[$0.tensor]?.values }
    var result = input
    for start in stride(from: 0, to: input.values.count, by: width) {
      let row = input.values[start..<start + width]
      let mean = row.reduce(0, +) / Double(width)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      for element in 0..<width {
        let normal = (row[start + element] - mean) / (variance + epsilon).squareRoot()
        result.values[start + element] = normal * (gamma?[element] ?? 1) + (beta?[element] ?? 0)
      }
    }
    return result
  }
}
