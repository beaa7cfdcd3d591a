import ModelGraph
import Support

extension RecurrentGradient {
  /// One example's step: the products become their own gradients, and what flows back becomes that of
  /// the state and the cell before, as far as they do not go through the products.
  func differentiate(
    _ x: UnsafeMutablePointer<Float>, _ h: UnsafeMutablePointer<Float>,
    before: (state: UnsafeMutablePointer<Float>, cell: UnsafeMutablePointer<Float>),
    after: UnsafeMutablePointer<Float>, back: UnsafeMutablePointer<Float>,
    cellBack: UnsafeMutablePointer<Float>
  ) {
    let function = cell.parameters.activation
    let gate = cell.parameters.gateActivation
    for unit in 0..<units {
      switch kind {
      case .simple:
        let change = back[unit] * function.slope(ofValue: function.value(at: x[unit] + h[unit]))
        (x[unit], h[unit], back[unit]) = (change, change, 0)
      case .lstm:
        func value(_ block: Int, _ activation: Activation) -> Float {
          activation.value(at: x[block * units + unit] + h[block * units + unit])
        }
        let (input, forget) = (value(0, gate), value(1, gate))
        let (candidate, output) = (value(2, function), value(3, gate))
        let shown = function.value(at: after[unit])
        let kept = cellBack[unit] + back[unit] * output * function.slope(ofValue: shown)
        func put(_ change: Float, _ block: Int) {
          (x[block * units + unit], h[block * units + unit]) = (change, change)
        }
        put(kept * candidate * gate.slope(ofValue: input), 0)
        put(kept * before.cell[unit] * gate.slope(ofValue: forget), 1)
        put(kept * input * function.slope(ofValue: candidate), 2)
        put(back[unit] * shown * gate.slope(ofValue: output), 3)
        (cellBack[unit], back[unit]) = (kept * forget, 0)
      case .gru:
        let update = (cell.isResetFirst ? units : 0) + unit
        let resets = (cell.isResetFirst ? 0 : units) + unit
        let last = 2 * units + unit
        let kept = gate.value(at: x[update] + h[update])
        let reset = gate.value(at: x[resets] + h[resets])
        let candidate = function.value(at: x[last] + reset * h[last])
        let change = back[unit] * (1 - kept) * function.slope(ofValue: candidate)
        let updateChange =
          back[unit] * (before.state[unit] - candidate) * gate.slope(ofValue: kept)
        let resetChange = change * h[last] * gate.slope(ofValue: reset)
        (x[update], h[update]) = (updateChange, updateChange)
        (x[resets], h[resets]) = (resetChange, resetChange)
        (x[last], h[last]) = (change, change * reset)
        back[unit] *= kept
      }
    }
  }

  /// The gradients of the input and of the weights, from those of the products.
  func finish(
    _ memory: Memory, _ products: UnsafeMutablePointer<Float>,
    _ stateProducts: UnsafeMutablePointer<Float>, _ states: UnsafeMutablePointer<Float>
  ) throws {
    try check(
      sgemm(
        true, false, cell.features, columns, rows, 1, memory.forward.input, cell.features, products,
        columns, 0, memory.kernel, columns)
        && sgemm(
          true, false, units, columns, rows, 1, states, units, stateProducts, columns, 0,
          memory.recurrentKernel, columns)
    )
    if let input = memory.input {
      try check(
        sgemm(
          false, true, rows, cell.features, columns, 1, products, columns, memory.forward.kernel,
          columns, 0, input, cell.features))
    }
    if let bias = memory.bias {
      sum(products, into: bias)
      if cell.hasTwoBiases { sum(stateProducts, into: bias + columns) }
    }
    if let bias = memory.recurrentBias { sum(stateProducts, into: bias) }
  }

  func sum(
    _ changes: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    for column in 0..<columns {
      target[column] = Float(
        (0..<rows).reduce(0.0) { $0 + Double(changes[$1 * columns + column]) })
    }
  }

  func check(_ isDone: Bool) throws {
    guard isDone else { throw Diagnostic(.failed, "oneDNN's matrix product failed") }
  }
}

extension Activation {
  /// The slope where the function has a value, for those that `RecurrentGradient.knows`.
  fileprivate func slope(ofValue value: Float) -> Float {
    switch self {
    case .tanh: 1 - value * value
    case .sigmoid: value * (1 - value)
    case .relu: value > 0 ? 1 : 0
    default: 1
    }
  }
}
