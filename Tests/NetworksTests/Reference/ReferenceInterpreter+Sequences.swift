import Foundation
import ModelGraph

extension ReferenceInterpreter {
  /// The output of an operation of sequences.
  func sequence(
    _ layer: Layer, _ inputs: [ReferenceTensor], mask: ReferenceTensor?
  ) -> ReferenceTensor {
    let input = inputs[0]
    let axis = channelAxis(input)
    func parameter(_ role: Parameter.Role) -> [Double]? {
      layer.parameter(role).flatMap { weights[$0.tensor]?.values }
    }
    switch layer.operation {
    case .attention(let attention): return attended(attention, layer, inputs, mask: mask)
    case .rmsNormalization(let normalization):
      let width = input.shape[axis] / normalization.blocks
      return normalized(input, centred: false, epsilon: normalization.epsilon) { place in
        place.enumerated().map { $0.offset == axis ? $0.element / width : $0.element }
      } gain: { place in
        ((parameter(.gamma)?[place[axis] % width] ?? 1) + normalization.offset, 0)
      }
    case .groupNormalization(let groups, let epsilon):
      let width = input.shape[axis] / groups
      return normalized(input, centred: true, epsilon: epsilon) {
        [$0[0], $0[axis] / width]
      } gain: {
        (parameter(.gamma)?[$0[axis]] ?? 1, parameter(.beta)?[$0[axis]] ?? 0)
      }
    case .select(let selection):
      var shape = input.shape
      shape[axis] = selection.width * selection.count
      return gathered(input, shape) { place in
        var from = place
        let channel = place[axis]
        from[axis] =
          selection.start + channel / selection.width * selection.stride
          + channel % selection.width
        return from
      }
    case .steps(let selection):
      let steps = input.shape[1]
      let first = selection.first < 0 ? steps + selection.first : selection.first
      guard let count = selection.count else {
        return gathered(input, [input.shape[0], input.shape[2]]) { [$0[0], first, $0[1]] }
      }
      return gathered(input, [input.shape[0], count, input.shape[2]]) {
        [$0[0], first + $0[1], $0[2]]
      }
    case .spaceToDepth(let size, let isColumnFirst):
      let channels = input.shape[axis]
      var shape = input.shape
      let spatial = spatialAxes(input)
      for place in spatial { shape[place] /= size }
      shape[axis] *= size * size
      return gathered(input, shape) { place in
        var from = place
        let square = place[axis] / channels
        let (down, right) =
          isColumnFirst ? (square % size, square / size) : (square / size, square % size)
        from[axis] = place[axis] % channels
        from[spatial[0]] = place[spatial[0]] * size + down
        from[spatial[1]] = place[spatial[1]] * size + right
        return from
      }
    case .tableAddition(let firstRow, let isOneRow):
      let table = parameter(.embeddings) ?? []
      var result = input
      for index in ReferenceTensor.indices(input.shape) {
        let position = spatialAxes(input).reduce(0) { $0 * input.shape[$1] + index[$1] }
        let row = firstRow + (isOneRow ? 0 : position)
        result[index] += table[row * input.shape[axis] + index[axis]]
      }
      return result
    case .sinusoidalPositions(let positions):
      let width = input.shape[2]
      var result = input
      for index in ReferenceTensor.indices(input.shape) {
        let channel = index[2]
        let isHalves = positions.layout == .halves
        let pair = isHalves ? channel % (width / 2) : channel / 2
        let angle =
          Double(index[1] + positions.first)
          / pow(positions.base, Double(2 * pair) / Double(width))
        let isSine = isHalves ? channel < width / 2 : channel % 2 == 0
        result[index] += isSine ? sin(angle) : cos(angle)
      }
      return result
    case .prepend(let count):
      let table = parameter(.embeddings) ?? []
      let shape = [input.shape[0], input.shape[1] + count, input.shape[2]]
      var result = ReferenceTensor(zeros: shape)
      for index in ReferenceTensor.indices(shape) {
        result[index] =
          index[1] < count
          ? table[index[1] * shape[2] + index[2]] : input[[index[0], index[1] - count, index[2]]]
      }
      return result
    case .channelScale:
      var result = input
      for index in ReferenceTensor.indices(input.shape) {
        result[index] =
          input[index] * (parameter(.gamma)?[index[axis]] ?? 1)
          + (parameter(.beta)?[index[axis]] ?? 0)
      }
      return result
    case .parametricRelu:
      let slopes = parameter(.slope) ?? []
      var result = input
      for index in ReferenceTensor.indices(input.shape) where input[index] <= 0 {
        result[index] *= slopes.count == 1 ? slopes[0] : slopes[index[axis]]
      }
      return result
    case .stepDense(let units): return stepDense(layer, input, units: units)
    case .routing(let routing): return routed(routing, input)
    case .mixture:
      var result = ReferenceTensor(zeros: inputs[1].shape)
      for index in ReferenceTensor.indices(result.shape) {
        for (expert, answer) in inputs.dropFirst().enumerated() {
          result[index] += input[index.dropLast() + [expert]] * answer[index]
        }
      }
      return result
    case .selectiveScan:
      return scanned(inputs, decay: parameter(.stateDecay) ?? [], skip: parameter(.skipGain) ?? [])
    default: preconditionFailure("none of sequences")
    }
  }

  /// The mean over the steps that a mask keeps.
  func maskedMean(_ input: ReferenceTensor, _ mask: ReferenceTensor?) -> ReferenceTensor {
    var result = ReferenceTensor(zeros: [input.shape[0], input.shape[2]])
    for index in ReferenceTensor.indices(result.shape) {
      let kept = (0..<input.shape[1]).filter { mask?[[index[0], $0]] != 0 }
      result[index] =
        kept.reduce(0) { $0 + input[[index[0], $1, index[1]]] } / Double(kept.count)
    }
    return result
  }

  /// Layer normalisation over channels that are the first axis.
  func channelNormalization(
    _ layer: Layer, _ input: ReferenceTensor, epsilon: Double
  ) -> ReferenceTensor {
    func parameter(_ role: Parameter.Role) -> [Double]? {
      layer.parameter(role).flatMap { weights[$0.tensor]?.values }
    }
    return normalized(input, centred: true, epsilon: epsilon) {
      [$0[0]] + $0.dropFirst(2)
    } gain: {
      (parameter(.gamma)?[$0[1]] ?? 1, parameter(.beta)?[$0[1]] ?? 0)
    }
  }

  private func gathered(
    _ input: ReferenceTensor, _ shape: [Int], _ source: ([Int]) -> [Int]
  ) -> ReferenceTensor {
    ReferenceTensor(
      shape: shape, values: ReferenceTensor.indices(shape).map { input[source($0)] })
  }

  /// Normalisation of the elements that have the same key.
  private func normalized(
    _ input: ReferenceTensor, centred: Bool, epsilon: Double, by key: ([Int]) -> [Int],
    gain: ([Int]) -> (Double, Double)
  ) -> ReferenceTensor {
    var result = input
    for places in Dictionary(grouping: ReferenceTensor.indices(input.shape), by: key).values {
      let count = Double(places.count)
      let mean = centred ? places.reduce(0) { $0 + input[$1] } / count : 0
      let square = places.reduce(0) { $0 + pow(input[$1] - mean, 2) } / count
      for place in places {
        let (scale, shift) = gain(place)
        result[place] = (input[place] - mean) / (square + epsilon).squareRoot() * scale + shift
      }
    }
    return result
  }

  private func stepDense(_ layer: Layer, _ input: ReferenceTensor, units: Int) -> ReferenceTensor {
    guard let kernel = layer.parameter(.kernel), let matrix = weights[kernel.tensor] else {
      return input
    }
    let bias = layer.parameter(.bias).flatMap { weights[$0.tensor]?.values }
    let isOutputFirst = kernel.axes[0] == .stepOutput
    var result = ReferenceTensor(zeros: [input.shape[0], units, input.shape[2]])
    for index in ReferenceTensor.indices(result.shape) {
      result[index] = (0..<input.shape[1]).reduce(bias?[index[1]] ?? 0) { sum, step in
        sum + matrix[isOutputFirst ? [index[1], step] : [step, index[1]]]
          * input[[index[0], step, index[2]]]
      }
    }
    return result
  }

  private func routed(_ routing: Routing, _ input: ReferenceTensor) -> ReferenceTensor {
    let experts = input.shape.last ?? 1
    var result = input
    for start in stride(from: 0, to: input.values.count, by: experts) {
      let row = Array(input.values[start..<start + experts])
      let total = row.reduce(0) { $0 + exp($1) }
      var gates = row.map { routing.gate == .softmax ? exp($0) / total : 1 / (1 + exp(-$0)) }
      if let most = routing.mostExperts {
        let limit = row.sorted(by: >)[most - 1]
        gates = zip(gates, row).map { $1 >= limit ? $0 : 0 }
      }
      let sum = routing.normalizes ? gates.reduce(0, +) : 1
      for expert in 0..<experts {
        result.values[start + expert] = gates[expert] / sum * routing.scale
      }
    }
    return result
  }

  private func scanned(
    _ inputs: [ReferenceTensor], decay: [Double], skip: [Double]
  ) -> ReferenceTensor {
    let (x, sizes, b, c) = (inputs[0], inputs[1], inputs[2], inputs[3])
    let states = b.shape[2]
    var result = x
    for example in 0..<x.shape[0] {
      for channel in 0..<x.shape[2] {
        var state = [Double](repeating: 0, count: states)
        for step in 0..<x.shape[1] {
          let place = [example, step, channel]
          var sum = skip[channel] * x[place]
          for number in 0..<states {
            let rate = -exp(decay[channel * states + number])
            state[number] =
              exp(sizes[place] * rate) * state[number]
              + sizes[place] * b[[example, step, number]] * x[place]
            sum += c[[example, step, number]] * state[number]
          }
          result[place] = sum
        }
      }
    }
    return result
  }
}
