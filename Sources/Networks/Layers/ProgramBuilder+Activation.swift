import COneDNN
import ModelGraph
import Support

extension onednn_function {
  /// No function.
  static var none: onednn_function { onednn_function(kind: ONEDNN_NO_FUNCTION, alpha: 0, beta: 0) }

  /// The library's function for an activation; nil where it has none.
  init?(_ activation: Activation) {
    switch activation {
    case .relu: self.init(kind: ONEDNN_RELU, alpha: 0, beta: 0)
    case .leakyRelu(let slope) where slope >= 0:
      self.init(kind: ONEDNN_RELU, alpha: Float(slope), beta: 0)
    case .clippedRelu(let maximum):
      self.init(kind: ONEDNN_CLIP, alpha: 0, beta: Float(maximum))
    case .elu(let alpha) where alpha >= 0:
      self.init(kind: ONEDNN_ELU, alpha: Float(alpha), beta: 0)
    case .gelu(let approximate):
      self.init(kind: approximate ? ONEDNN_GELU_TANH : ONEDNN_GELU_ERF, alpha: 0, beta: 0)
    case .silu: self.init(kind: ONEDNN_SWISH, alpha: 1, beta: 0)
    case .quickGelu: self.init(kind: ONEDNN_SWISH, alpha: 1.702, beta: 0)
    case .tanh: self.init(kind: ONEDNN_TANH, alpha: 0, beta: 0)
    case .sigmoid: self.init(kind: ONEDNN_LOGISTIC, alpha: 0, beta: 0)
    case .softplus: self.init(kind: ONEDNN_SOFTPLUS, alpha: 0, beta: 0)
    case .exponential: self.init(kind: ONEDNN_EXP, alpha: 0, beta: 0)
    case .leakyRelu, .elu, .selu, .hardSigmoid, .legacyHardSigmoid, .hardSilu, .squaredRelu,
      .mish, .squareRoot, .softmax, .linear:
      return nil
    }
  }

  /// Whether what it makes of NaN is NaN. That of others is put there after them.
  var keepsNaN: Bool {
    switch kind {
    case ONEDNN_RELU: alpha != 0
    case ONEDNN_CLIP, ONEDNN_EXP: false
    default: true
    }
  }

  /// Whether the gradient is computed from the function's result, its argument not being needed.
  var usesResult: Bool {
    switch kind {
    case ONEDNN_RELU, ONEDNN_ELU, ONEDNN_TANH, ONEDNN_LOGISTIC, ONEDNN_EXP: true
    default: false
    }
  }
}

/// An activation that is applied to the result of an operation in the memory of that result.
struct Follower {
  /// The place of its layer.
  var index: Int
  /// The function.
  var function: onednn_function
  /// What computes it, where oneDNN does not.
  var rectifier: Rectifier?

  /// What the operation itself applies.
  var fused: onednn_function { rectifier == nil ? function : .none }
}

extension ProgramBuilder {
  /// The activation that the operation of layer `index` can apply to its own result: the layer's
  /// only consumer, and one whose gradient does not need the argument.
  func follower(of index: Int) -> Follower? {
    guard !options.differentiatesTwice, let (next, activation) = soleActivation(after: index),
      let function = onednn_function(activation), function.keepsNaN || Rectifier(activation) != nil
    else { return nil }
    let isDifferentiated = options.isTraining || options.needsInputGradient
    guard function.usesResult || !isDifferentiated else { return nil }
    return Follower(index: next, function: function, rectifier: Rectifier(activation))
  }

  /// Notes that an operation did the work of the layer after it, or does the rest of it in place.
  func finish(_ follower: Follower?, on result: Form) {
    guard let follower else { return }
    if let rectifier = follower.rectifier { emit(rectifier, from: result, into: result) }
    fused.insert(follower.index)
  }

  /// A function of each element, or softmax.
  func compileActivation(_ activation: Activation, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    if activation == .softmax { return try compileSoftmax(input, layer, at: index) }
    guard let function = onednn_function(activation) else {
      return try compileOwnFunction(activation, input, layer, at: index)
    }
    try compileFunction(function, input, layer, at: index, by: Rectifier(activation))
  }

  /// A function of each element that oneDNN has.
  ///
  /// - Parameter rectifier: computes it in the place of oneDNN, which has its gradient.
  func compileFunction(
    _ function: onednn_function, _ input: Value, _ layer: Layer, at index: Int,
    by rectifier: Rectifier? = nil
  ) throws {
    let name = layer.operation.name
    let layout = input.forms[0].layout
    let isDifferentiated = input.needsGradient
    let forward = try Primitive(name) {
      onednn_function_forward(isDifferentiated, function, layout.handle, $0)
    }
    let output = try Value(
      name: layer.name, batch: batch, shape: input.shape, channelAxis: input.channelAxis)
    output.mask = input.mask
    output.needsGradient = input.needsGradient
    if fused.contains(index) {
      output.forms = [input.forms[0]]
    } else {
      let (source, result) = (input.forms[0], makeForm(layout))
      output.forms = [result]
      if let rectifier {
        emit(rectifier, from: source, into: result)
      } else {
        emit(PrimitiveCommand(forward, [(ONEDNN_SOURCE, source), (ONEDNN_DESTINATION, result)]))
        if !function.keepsNaN { emitNaN(of: source, into: result) }
      }
    }
    define(output, for: index)

    onBackward { [self] in
      guard input.needsGradient, let gradient = try gradient(of: output, as: layout) else { return }
      let backward = try Primitive("gradient of \(name)") {
        onednn_function_backward(forward.handle, function, layout.handle, layout.handle, $0)
      }
      let target = makeForm(layout)
      let data =
        function.usesResult
        ? (ONEDNN_DESTINATION, output.forms[0]) : (ONEDNN_SOURCE, input.forms[0])
      emit(
        PrimitiveCommand(
          backward,
          [data, (ONEDNN_DIFF_DESTINATION, gradient), (ONEDNN_DIFF_SOURCE, target)]))
      contribute(target, to: input)
    }
  }

  private func compileSoftmax(_ input: Value, _ layer: Layer, at index: Int) throws {
    let layout = input.plainLayout
    let source = try plain(input)
    let forward = try Primitive("softmax") {
      onednn_softmax_forward(input.needsGradient, layout.handle, 1, $0)
    }
    let output = try makeValue(layer.name, shape: input.shape, channelAxis: input.channelAxis)
    output.mask = input.mask
    output.needsGradient = input.needsGradient
    let result = output.forms[0]
    emit(PrimitiveCommand(forward, [(ONEDNN_SOURCE, source), (ONEDNN_DESTINATION, result)]))
    emitNaN(alongChannelsOf: input, from: source, into: result)
    define(output, for: index)
    onBackward { [self] in
      guard input.needsGradient, let gradient = try gradient(of: output, as: layout) else { return }
      let backward = try Primitive("gradient of softmax") {
        onednn_softmax_backward(forward.handle, layout.handle, layout.handle, 1, $0)
      }
      let target = makeForm(layout)
      emit(
        PrimitiveCommand(
          backward,
          [
            (ONEDNN_DESTINATION, result), (ONEDNN_DIFF_DESTINATION, gradient),
            (ONEDNN_DIFF_SOURCE, target),
          ]))
      contribute(target, to: input)
    }
  }

  /// A function that oneDNN has not: piecewise linear or exponential, over plain memory.
  private func compileOwnFunction(
    _ activation: Activation, _ input: Value, _ layer: Layer, at index: Int
  ) throws {
    guard let function = PiecewiseFunction(activation) else {
      return try pass(layer, at: index)
    }
    let source = try plain(input)
    let output = try makeValue(layer.name, shape: input.shape, channelAxis: input.channelAxis)
    output.mask = input.mask
    output.needsGradient = input.needsGradient
    let result = output.forms[0]
    let count = batch * input.elementCount
    emit(
      KernelCommand(touching: [source.buffer, result.buffer]) {
        let from = source.buffer.floats
        let into = result.buffer.floats
        for element in 0..<count { into[element] = function(from[element]) }
      })
    define(output, for: index)
    onBackward { [self] in
      guard input.needsGradient, let gradient = try gradient(of: output, as: input.plainLayout)
      else { return }
      let target = makeForm(input.plainLayout)
      emit(
        KernelCommand(touching: [source.buffer, gradient.buffer, target.buffer]) {
          let from = source.buffer.floats
          let change = gradient.buffer.floats
          let into = target.buffer.floats
          for element in 0..<count {
            into[element] = change[element] * function.derivative(at: from[element])
          }
        })
      contribute(target, to: input)
    }
  }
}
