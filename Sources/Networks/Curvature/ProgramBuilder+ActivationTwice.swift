import CKernels
import ModelGraph
import WorkbenchCore

extension ProgramBuilder {
  /// A function of elements y = f(x): ẏ = f′(x)·ẋ, and x̄˙ = f′(x)·ȳ˙ + f″(x)·ẋ·ȳ.
  func compileActivationTwice(_ activation: Activation, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    guard let curve = ActivationCurve(activation) else {
      throw Diagnostic(
        .usage,
        "there are no second derivatives of a softmax that is not a part of the "
          + "loss")
    }
    try compileActivation(activation, layer, at: index)
    guard let moved = input.tangent, let output = values[index] else { return }
    let layout = output.forms[0].layout
    let argument = try form(of: input, as: layout)
    let (tangent, result) = try makeTangent(of: output, as: layout)
    let gate = Gate(activation)
    try inTangent {
      let change = try form(of: moved, as: layout)
      emitProduct(gate, curve, argument, change, into: result)
    }
    onBackward { [self] in
      guard let gradient = try gradient(of: output, as: layout) else { return }
      try inTangent {
        guard let change = try self.gradient(of: tangent, as: layout) else { return }
        let target = makeForm(layout)
        if gate != nil {
          emitProduct(gate, curve, argument, change, into: target)
        } else {
          let direction = try form(of: moved, as: layout)
          emitCurve(curve, argument, change, direction, gradient, into: target)
        }
        contribute(target, to: moved)
      }
    }
  }

  /// A function with two slopes, whose derivative is a choice.
  private struct Gate {
    var slope: Float

    init?(_ activation: Activation) {
      switch activation {
      case .relu: slope = 0
      case .leakyRelu(let slope): self.slope = Float(slope)
      default: return nil
      }
    }
  }

  /// `target = f′(x)·change`.
  private func emitProduct(
    _ gate: Gate?, _ curve: ActivationCurve, _ argument: Form, _ change: Form, into target: Form
  ) {
    let count = target.buffer.byteCount / MemoryLayout<Float>.stride
    emit(
      KernelCommand(touching: [argument.buffer, change.buffer, target.buffer]) {
        let (x, from, into) = (argument.buffer.floats, change.buffer.floats, target.buffer.floats)
        if let gate { return wsl_gate(x, from, gate.slope, into, Int64(count)) }
        for element in 0..<count {
          let slope = curve.derivatives(at: Double(x[element])).first
          into[element] = Float(slope * Double(from[element]))
        }
      })
  }

  /// `target = f′(x)·change + f″(x)·direction·gradient`.
  private func emitCurve(
    _ curve: ActivationCurve, _ argument: Form, _ change: Form, _ direction: Form,
    _ gradient: Form, into target: Form
  ) {
    let count = target.buffer.byteCount / MemoryLayout<Float>.stride
    let sources = [argument.buffer, change.buffer, direction.buffer, gradient.buffer]
    emit(
      KernelCommand(touching: sources + [target.buffer]) {
        let x = sources[0].floats
        let (change, direction, gradient) = (
          sources[1].floats, sources[2].floats, sources[3].floats
        )
        let into = target.buffer.floats
        for element in 0..<count {
          let (first, second) = curve.derivatives(at: Double(x[element]))
          into[element] = Float(
            first * Double(change[element])
              + second * Double(direction[element]) * Double(gradient[element]))
        }
      })
  }
}
