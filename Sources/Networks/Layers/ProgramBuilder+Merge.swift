import COneDNN
import ModelGraph
import Support

extension ProgramBuilder {
  /// The sum of the inputs. A function behind a sum of two becomes part of it.
  func compileAddition(_ layer: Layer, at index: Int) throws {
    let inputs = try inputs(of: layer)
    guard let first = inputs.first, inputs.allSatisfy({ $0.shape == first.shape }),
      (2...16).contains(inputs.count)
    else { return try compileBroadcast(layer, at: index, isProduct: false) }
    let layout = first.forms[0].layout
    let output = try makeValue(
      layer.name, shape: first.shape, channelAxis: first.channelAxis, layout: layout)
    output.needsGradient = inputs.contains(where: \.needsGradient)
    output.mask = inputs.lazy.compactMap(\.mask).first
    let result = output.forms[0]
    if inputs.count == 2 {
      let follower = follower(of: index)
      let second = try form(of: inputs[1], as: layout)
      let primitive = try Primitive("sum") {
        onednn_addition(
          layout.handle, layout.handle, layout.handle, follower?.fused ?? .none, $0)
      }
      emit(
        PrimitiveCommand(
          primitive,
          [
            (ONEDNN_SOURCE, first.forms[0]), (ONEDNN_SOURCE_1, second),
            (ONEDNN_DESTINATION, result),
          ]))
      finish(follower, on: result)
    } else {
      let sources = try inputs.map { try form(of: $0, as: layout) }
      let handles = sources.map { Optional($0.layout.handle) }
      let primitive = try Primitive("sum") { status in
        handles.withUnsafeBufferPointer {
          onednn_sum(Int32(handles.count), $0.baseAddress, layout.handle, status)
        }
      }
      emit(PrimitiveCommand(sum: primitive, of: sources, into: result))
    }
    define(output, for: index)
    onBackward { [self] in
      guard let gradient = try gradient(of: output) else { return }
      for input in inputs { contribute(gradient, to: input) }
    }
  }

  /// The elementwise product of the inputs.
  func compileMultiplication(_ layer: Layer, at index: Int) throws {
    try compileBroadcast(layer, at: index, isProduct: true)
  }

  /// A sum or product, two at a time, in which axes of length 1 are repeated. The largest input
  /// comes first.
  private func compileBroadcast(_ layer: Layer, at index: Int, isProduct: Bool) throws {
    let inputs = try inputs(of: layer)
    guard let largest = inputs.max(by: { $0.elementCount < $1.elementCount }), inputs.count > 1,
      inputs.allSatisfy({ fits($0.shape, into: largest.shape) })
    else {
      let shapes = inputs.map { "\($0.shape)" }.joined(separator: ", ")
      throw Diagnostic(.badData, "inputs of shapes \(shapes) do not fit together")
    }
    let output = try Value(
      name: layer.name, batch: batch, shape: largest.shape, channelAxis: largest.channelAxis)
    output.needsGradient = inputs.contains(where: \.needsGradient)
    output.mask = inputs.lazy.compactMap(\.mask).first
    var others = inputs
    if let place = others.firstIndex(where: { $0 === largest }) { others.remove(at: place) }
    var total = try plain(largest)
    for other in others {
      let operand = try plain(other)
      let result = makeForm(output.plainLayout)
      let primitive = try Primitive(isProduct ? "product" : "sum") {
        isProduct
          ? onednn_multiplication(
            total.layout.handle, operand.layout.handle, result.layout.handle, $0)
          : onednn_addition(
            total.layout.handle, operand.layout.handle, result.layout.handle, .none, $0)
      }
      emit(
        PrimitiveCommand(
          primitive,
          [(ONEDNN_SOURCE, total), (ONEDNN_SOURCE_1, operand), (ONEDNN_DESTINATION, result)]))
      total = result
    }
    output.forms = [total]
    define(output, for: index)
    guard output.needsGradient else { return }
    guard isProduct, inputs.count == 2, inputs.allSatisfy({ $0.shape == largest.shape }) else {
      return try refuseGradient(layer)
    }
    onBackward { [self] in
      guard let gradient = try gradient(of: output, as: output.plainLayout) else { return }
      for (input, other) in [(inputs[0], inputs[1]), (inputs[1], inputs[0])] {
        let factor = try plain(other)
        let target = makeForm(output.plainLayout)
        let primitive = try Primitive("product") {
          onednn_multiplication(
            gradient.layout.handle, factor.layout.handle, target.layout.handle, $0)
        }
        emit(
          PrimitiveCommand(
            primitive,
            [
              (ONEDNN_SOURCE, gradient), (ONEDNN_SOURCE_1, factor), (ONEDNN_DESTINATION, target),
            ]))
        contribute(target, to: input)
      }
    }
  }

  /// Whether axes of length 1 repeated make one shape another.
  func fits(_ shape: [Int], into larger: [Int]) -> Bool {
    shape.count == larger.count && zip(shape, larger).allSatisfy { $0 == $1 || $0 == 1 }
  }

  /// Zeroes elements at random in training and scales up the rest; does nothing otherwise.
  ///
  /// The choice for an element is a function of the run's seed, the layer and the element's place
  /// in memory, so that nothing has to be kept for the backward pass.
  func compileDropout(rate: Double, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    guard options.isTraining, rate > 0 else { return try pass(layer, at: index) }
    guard rate < 1 else { throw Diagnostic(.badData, "a dropout rate of \(rate) leaves nothing") }
    let source = input.forms[0]
    let output = try makeValue(
      layer.name, shape: input.shape, channelAxis: input.channelAxis, layout: source.layout)
    output.needsGradient = input.needsGradient
    output.mask = input.mask
    let result = output.forms[0]
    let mask = DropoutMask(rate: rate, stream: UInt64(index))
    let state = state
    let count = source.layout.byteCount / MemoryLayout<Float>.stride
    emit(
      KernelCommand(touching: [source.buffer, result.buffer]) {
        mask.apply(
          source.buffer.floats, into: result.buffer.floats, count: count, seed: state.seed)
      })
    define(output, for: index)
    onBackward { [self] in
      guard input.needsGradient, let gradient = try gradient(of: output, as: source.layout)
      else { return }
      let target = makeForm(source.layout)
      emit(
        KernelCommand(touching: [gradient.buffer, target.buffer]) {
          mask.apply(
            gradient.buffer.floats, into: target.buffer.floats, count: count, seed: state.seed)
        })
      contribute(target, to: input)
    }
  }
}
