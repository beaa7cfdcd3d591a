import ModelGraph

extension ReferenceInterpreter {
  /// `x·W + b` over the last axis.
  func dense(_ layer: Layer, _ input: ReferenceTensor) -> ReferenceTensor {
    guard case .dense(let units) = layer.operation, let kernel = layer.parameter(.kernel),
      let matrix = weights[kernel.tensor]
    else { return input }
    let bias = layer.parameter(.bias).flatMap { weights[$0.tensor]?.values }
    let width = input.shape[input.shape.count - 1]
    let isOutputFirst = kernel.axes[0] == .output
    var result = ReferenceTensor(zeros: input.shape.dropLast() + [units])
    for row in 0..<input.values.count / width {
      for unit in 0..<units {
        var sum = bias?[unit] ?? 0
        for element in 0..<width {
          let weight = matrix[isOutputFirst ? [unit, element] : [element, unit]]
          sum += input.values[row * width + element] * weight
        }
        result.values[row * units + unit] = sum
      }
    }
    return result
  }

  /// Where the windows of an axis begin, and how many there are.
  private func windows(
    _ padding: Padding, axis: Int, length: Int, extent: Int, stride: Int
  ) -> (start: Int, count: Int) {
    switch padding {
    case .valid: return (0, (length - extent) / stride + 1)
    case .causal: return (-(extent - 1), (length - 1) / stride + 1)
    case .same:
      let count = (length + stride - 1) / stride
      let total = max(0, (count - 1) * stride + extent - length)
      return (-(total / 2), count)
    case .explicit(let margins):
      let padded = length + margins[axis].before + margins[axis].after
      return (-margins[axis].before, (padded - extent) / stride + 1)
    }
  }

  func convolution(
    _ parameters: Convolution, _ layer: Layer, _ input: ReferenceTensor
  ) -> ReferenceTensor {
    guard let kernel = layer.parameter(.kernel), let taps = weights[kernel.tensor] else {
      return input
    }
    let bias = layer.parameter(.bias).flatMap { weights[$0.tensor]?.values }
    let axis = channelAxis(input)
    let axes = spatialAxes(input)
    let lengths = spatialShape(input)
    let layout = lengths.indices.map { index in
      windows(
        parameters.padding, axis: index, length: lengths[index],
        extent: (parameters.kernelSize[index] - 1) * parameters.dilation[index] + 1,
        stride: parameters.strides[index])
    }
    var shape = input.shape
    shape[axis] = parameters.filters
    for (index, place) in axes.enumerated() { shape[place] = layout[index].count }
    var result = ReferenceTensor(zeros: shape)
    let perGroup = input.shape[axis] / parameters.groups
    let filtersPerGroup = parameters.filters / parameters.groups
    let positions = ReferenceTensor.indices(parameters.kernelSize)
    for place in ReferenceTensor.indices(shape) {
      let filter = place[axis]
      let group = filter / filtersPerGroup
      var sum = bias?[filter] ?? 0
      for position in positions {
        var from = place
        for (index, spatial) in axes.enumerated() {
          from[spatial] =
            layout[index].start + place[spatial] * parameters.strides[index]
            + position[index] * parameters.dilation[index]
        }
        guard axes.allSatisfy({ from[$0] >= 0 && from[$0] < input.shape[$0] }) else { continue }
        for channel in 0..<perGroup {
          from[axis] = group * perGroup + channel
          let tap = kernel.axes.map { meaning -> Int in
            switch meaning {
            case .spatial(let index): position[index]
            case .output: filter
            case .multiplier: filter % filtersPerGroup
            case .input: kernel.axes.contains(.multiplier) ? group : channel
            default: 0
            }
          }
          sum += input[from] * taps[tap]
        }
      }
      result[place] = sum
    }
    return result
  }

  func pooling(_ parameters: Pooling, _ input: ReferenceTensor) -> ReferenceTensor {
    let axes = spatialAxes(input)
    let lengths = spatialShape(input)
    let layout = lengths.indices.map { index in
      windows(
        parameters.padding, axis: index, length: lengths[index], extent: parameters.size[index],
        stride: parameters.strides[index])
    }
    var shape = input.shape
    for (index, place) in axes.enumerated() { shape[place] = layout[index].count }
    var result = ReferenceTensor(zeros: shape)
    let positions = ReferenceTensor.indices(parameters.size)
    for place in ReferenceTensor.indices(shape) {
      var inside: [Double] = []
      for position in positions {
        var from = place
        for (index, spatial) in axes.enumerated() {
          from[spatial] =
            layout[index].start + place[spatial] * parameters.strides[index] + position[index]
        }
        if axes.allSatisfy({ from[$0] >= 0 && from[$0] < input.shape[$0] }) {
          inside.append(input[from])
        }
      }
      let divisor = parameters.countsPadding ? positions.count : inside.count
      result[place] =
        parameters.kind == .maximum
        ? inside.max() ?? 0 : inside.reduce(0, +) / Double(max(1, divisor))
    }
    return result
  }
}
