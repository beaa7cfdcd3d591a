import COneDNN
import Foundation
import ModelGraph
import Support

/// Runs a recurrent layer over a batch: one matrix product for all inputs, then one a step.
///
/// Gates stand in Keras's order, or for a GRU whose kernels are stored outputs first in PyTorch's
/// (reset before update).
struct RecurrentCell {
  /// The memory that a run reads and writes. Matrices are row-major, inputs by outputs.
  struct Memory {
    var input: UnsafeMutablePointer<Float>
    var kernel: UnsafeMutablePointer<Float>
    var recurrentKernel: UnsafeMutablePointer<Float>
    var bias: UnsafeMutablePointer<Float>?
    var recurrentBias: UnsafeMutablePointer<Float>?
    var mask: UnsafeMutablePointer<Float>?
    var work: UnsafeMutablePointer<Float>
    var output: UnsafeMutablePointer<Float>
    /// The states that it begins with; zeros where there are none.
    var given: [UnsafeMutablePointer<Float>] = []
    /// Where the states go in which it ends; nil for those that nobody reads.
    var ends: [UnsafeMutablePointer<Float>?] = []
  }

  let parameters: Recurrent
  let batch: Int
  let steps: Int
  let features: Int
  /// GRU: whether the reset gate's block stands before the update gate's.
  let isResetFirst: Bool
  /// GRU: whether the bias holds those of the recurrent product behind those of the input.
  let hasTwoBiases: Bool

  private var units: Int { parameters.units }
  private var columns: Int { parameters.kind.gateCount * units }

  /// The working memory, in floats: products of the input, products of the state, states, cells,
  /// and reset states.
  var workCount: Int { batch * (steps * columns + columns + 3 * units) }

  /// Runs all steps.
  func run(_ memory: Memory) throws {
    let projected = memory.work
    let product = projected + batch * steps * columns
    let state = product + batch * columns
    let cell = state + batch * units
    let reset = cell + batch * units
    state.update(repeating: 0, count: 2 * batch * units)
    for (target, given) in zip([state, cell], memory.given) {
      target.update(from: given, count: batch * units)
    }
    try multiply(
      memory.input, rows: batch * steps, depth: features, by: memory.kernel, columns: columns,
      width: columns, into: projected)
    add(memory.bias, to: projected, rows: batch * steps)
    if parameters.kind != .gru {
      let second = hasTwoBiases ? memory.bias.map { $0 + columns } : memory.recurrentBias
      add(second, to: projected, rows: batch * steps)
    }
    let recurrentBias = hasTwoBiases ? memory.bias.map { $0 + columns } : memory.recurrentBias

    for turn in 0..<steps {
      let step = parameters.goesBackwards ? steps - 1 - turn : turn
      try multiply(
        state, rows: batch, depth: units, by: memory.recurrentKernel, columns: columns,
        width: columns, into: product)
      if parameters.kind == .gru {
        add(recurrentBias, to: product, rows: batch)
        if !parameters.resetsAfter {
          try resetState(memory, projected, product, state, reset, step: step)
          addCandidate(recurrentBias, to: product)
        }
      }
      let place = parameters.goesBackwards && !parameters.restoresOrder ? turn : step
      for example in 0..<batch {
        let counts = memory.mask.map { $0[example * steps + step] != 0 } ?? true
        if counts {
          advance(
            projected + (example * steps + step) * columns, product + example * columns,
            state + example * units, cell + example * units)
        }
        if parameters.returnsSequences {
          (memory.output + (example * steps + place) * units)
            .update(from: state + example * units, count: units)
        }
      }
    }
    if !parameters.returnsSequences { memory.output.update(from: state, count: batch * units) }
    for (source, end) in zip([state, cell], memory.ends) {
      end?.update(from: source, count: batch * units)
    }
  }

  /// Moves one example's state on by one step.
  func advance(
    _ x: UnsafeMutablePointer<Float>, _ h: UnsafeMutablePointer<Float>,
    _ state: UnsafeMutablePointer<Float>, _ cell: UnsafeMutablePointer<Float>
  ) {
    let function = parameters.activation
    let gate = parameters.gateActivation
    switch parameters.kind {
    case .simple:
      for unit in 0..<units { state[unit] = function.value(at: x[unit] + h[unit]) }
    case .lstm:
      let isONNX = parameters.gateOrder == .onnx
      let (forgets, candidates, outputs) =
        isONNX ? (2 * units, 3 * units, units) : (units, 2 * units, 3 * units)
      for unit in 0..<units {
        let input = gate.value(at: x[unit] + h[unit])
        let forget = gate.value(at: x[forgets + unit] + h[forgets + unit])
        let candidate = function.value(at: x[candidates + unit] + h[candidates + unit])
        let output = gate.value(at: x[outputs + unit] + h[outputs + unit])
        cell[unit] = forget * cell[unit] + input * candidate
        state[unit] = output * function.value(at: cell[unit])
      }
    case .gru:
      let update = isResetFirst ? units : 0
      let resets = isResetFirst ? 0 : units
      for unit in 0..<units {
        let kept = gate.value(at: x[update + unit] + h[update + unit])
        let last = 2 * units + unit
        // Where the reset is before the product, `h` holds that of the reset state.
        let reset =
          parameters.resetsAfter ? gate.value(at: x[resets + unit] + h[resets + unit]) : 1
        let candidate = function.value(at: x[last] + reset * h[last])
        state[unit] = kept * state[unit] + (1 - kept) * candidate
      }
    }
  }

  /// GRU as first published (Cho et al. 2014): the candidate sees the state after the reset gate.
  private func resetState(
    _ memory: Memory, _ projected: UnsafeMutablePointer<Float>,
    _ product: UnsafeMutablePointer<Float>, _ state: UnsafeMutablePointer<Float>,
    _ reset: UnsafeMutablePointer<Float>, step: Int
  ) throws {
    let resets = isResetFirst ? 0 : units
    for example in 0..<batch {
      let x = projected + (example * steps + step) * columns + resets
      let h = product + example * columns + resets
      for unit in 0..<units {
        let gate = parameters.gateActivation.value(at: x[unit] + h[unit])
        reset[example * units + unit] = gate * state[example * units + unit]
      }
    }
    try multiply(
      reset, rows: batch, depth: units, by: memory.recurrentKernel + 2 * units, columns: units,
      width: columns, into: product + 2 * units)
  }

  /// Adds the candidate's part of a bias again, which `resetState` has overwritten.
  private func addCandidate(
    _ bias: UnsafeMutablePointer<Float>?, to product: UnsafeMutablePointer<Float>
  ) {
    guard let bias else { return }
    for example in 0..<batch {
      for column in 2 * units..<columns { product[example * columns + column] += bias[column] }
    }
  }

  private func multiply(
    _ a: UnsafePointer<Float>, rows: Int, depth: Int, by b: UnsafePointer<Float>, columns: Int,
    width: Int, into c: UnsafeMutablePointer<Float>
  ) throws {
    let status = onednn_sgemm(
      false, false, Int64(rows), Int64(columns), Int64(depth), 1, a, Int64(depth), b,
      Int64(width), 0, c, Int64(width))
    guard status == 0 else {
      throw Diagnostic(.failed, "oneDNN's matrix product failed with status \(status)")
    }
  }

  private func add(
    _ bias: UnsafeMutablePointer<Float>?, to target: UnsafeMutablePointer<Float>, rows: Int
  ) {
    guard let bias else { return }
    for row in 0..<rows {
      let into = target + row * columns
      for column in 0..<columns { into[column] += bias[column] }
    }
  }
}

extension Activation {
  /// The function of one element, in Float32. Softmax, which is none, is the identity.
  func value(at x: Float) -> Float {
    switch self {
    case .tanh: tanhf(x)
    case .sigmoid: 1 / (1 + expf(-x))
    case .relu: x.clipped(to: .infinity)
    case .clippedRelu(let maximum): x.clipped(to: Float(maximum))
    case .softplus: x > 20 ? x : log1pf(expf(x))
    case .exponential: expf(x)
    case .silu: x / (1 + expf(-x))
    case .quickGelu: x / (1 + expf(-1.702 * x))
    case .gelu(approximate: false): 0.5 * x * (1 + erff(x * 0.707_106_78))
    case .gelu(approximate: true):
      0.5 * x * (1 + tanhf(0.797_884_56 * (x + 0.044715 * x * x * x)))
    case .softmax, .linear: x
    case .leakyRelu, .elu, .selu, .hardSigmoid, .legacyHardSigmoid, .hardSilu, .squaredRelu, .mish,
      .squareRoot:
      PiecewiseFunction(self).map { $0(x) } ?? x
    }
  }
}
