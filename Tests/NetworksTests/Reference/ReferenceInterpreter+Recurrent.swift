import Foundation
import ModelGraph

extension ReferenceInterpreter {
  /// The value of an elementwise function.
  func value(of activation: Activation, at x: Double) -> Double {
    switch activation {
    case .relu: max(0, x)
    case .leakyRelu(let slope): x > 0 ? x : slope * x
    case .clippedRelu(let maximum): min(maximum, max(0, x))
    case .elu(let alpha): x > 0 ? x : alpha * (exp(x) - 1)
    case .selu:
      1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (exp(x) - 1))
    case .gelu(approximate: false): x * 0.5 * erfc(-x / 2.0.squareRoot())
    case .gelu(approximate: true):
      0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * pow(x, 3))))
    case .silu: x / (1 + exp(-x))
    case .tanh: tanh(x)
    case .sigmoid: 1 / (1 + exp(-x))
    case .hardSigmoid: min(1, max(0, x / 6 + 0.5))
    case .legacyHardSigmoid: min(1, max(0, 0.2 * x + 0.5))
    case .hardSilu: x * min(1, max(0, x / 6 + 0.5))
    case .quickGelu: x / (1 + exp(-1.702 * x))
    case .squaredRelu: x > 0 ? x * x : 0
    case .mish: x * tanh(log(1 + exp(x)))
    case .squareRoot: x.squareRoot()
    case .softplus: log(1 + exp(x))
    case .exponential: exp(x)
    case .softmax, .linear: x
    }
  }

  func recurrent(
    _ parameters: Recurrent, _ layer: Layer, _ input: ReferenceTensor, mask: ReferenceTensor?
  ) -> ReferenceTensor {
    let batch = input.shape[0]
    let steps = input.shape[1]
    let units = parameters.units
    let columns = units * parameters.kind.gateCount
    var result = ReferenceTensor(
      zeros: parameters.returnsSequences ? [batch, steps, units] : [batch, units])
    for example in 0..<batch {
      var state = Array(repeating: 0.0, count: units)
      var cell = state
      for turn in 0..<steps {
        let step = parameters.goesBackwards ? steps - 1 - turn : turn
        if (mask?[[example, step]] ?? 1) != 0 {
          let x = (0..<input.shape[2]).map { input[[example, step, $0]] }
          advance(parameters, layer, x, &state, &cell, columns: columns)
        }
        if parameters.returnsSequences {
          let place = parameters.goesBackwards && !parameters.restoresOrder ? turn : step
          for unit in 0..<units { result[[example, place, unit]] = state[unit] }
        }
      }
      if !parameters.returnsSequences {
        for unit in 0..<units { result[[example, unit]] = state[unit] }
      }
    }
    return result
  }

  /// The product of a row and a kernel stored either way, for one column.
  private func product(_ row: [Double], _ layer: Layer, _ role: Parameter.Role, column: Int)
    -> Double
  {
    guard let parameter = layer.parameter(role), let matrix = weights[parameter.tensor] else {
      return 0
    }
    let isOutputLast = parameter.axes.last == .output(blocks: parameter.blockCount)
    return row.enumerated().reduce(0) { sum, entry in
      sum + entry.element * matrix[isOutputLast ? [entry.offset, column] : [column, entry.offset]]
    }
  }

  private func advance(
    _ parameters: Recurrent, _ layer: Layer, _ x: [Double], _ state: inout [Double],
    _ cell: inout [Double], columns: Int
  ) {
    let units = parameters.units
    let bias = layer.parameter(.bias).flatMap { weights[$0.tensor]?.values }
    let second = layer.parameter(.recurrentBias).flatMap { weights[$0.tensor]?.values }
    let isTorch = layer.parameter(.kernel)?.axes.last == .input
    let old = state
    func fromInput(_ column: Int) -> Double {
      product(x, layer, .kernel, column: column) + (bias?[column] ?? 0)
    }
    func fromState(_ column: Int, _ row: [Double]) -> Double {
      var sum = product(row, layer, .recurrentKernel, column: column) + (second?[column] ?? 0)
      if let bias, bias.count == 2 * columns { sum += bias[columns + column] }
      return sum
    }
    func gate(_ block: Int, _ unit: Int) -> Double {
      let column = block * units + unit
      return value(of: parameters.gateActivation, at: fromInput(column) + fromState(column, old))
    }
    func function(_ x: Double) -> Double { value(of: parameters.activation, at: x) }
    for unit in 0..<units {
      switch parameters.kind {
      case .simple: state[unit] = function(fromInput(unit) + fromState(unit, old))
      case .lstm:
        let candidate = function(fromInput(2 * units + unit) + fromState(2 * units + unit, old))
        cell[unit] = gate(1, unit) * cell[unit] + gate(0, unit) * candidate
        state[unit] = gate(3, unit) * function(cell[unit])
      case .gru:
        let update = gate(isTorch ? 1 : 0, unit)
        let column = 2 * units + unit
        let candidate: Double
        if parameters.resetsAfter {
          candidate = function(
            fromInput(column) + gate(isTorch ? 0 : 1, unit) * fromState(column, old))
        } else {
          let reset = (0..<units).map { gate(isTorch ? 0 : 1, $0) * old[$0] }
          candidate = function(fromInput(column) + fromState(column, reset))
        }
        state[unit] = update * old[unit] + (1 - update) * candidate
      }
    }
  }
}

extension Parameter {
  /// The number of blocks of the output axis.
  fileprivate var blockCount: Int {
    for case .output(let blocks) in axes { return blocks }
    return 1
  }
}
