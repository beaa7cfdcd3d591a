import COneDNN
import ModelGraph
import Support

extension ProgramBuilder {
  /// The average, maximum, minimum or difference of the inputs, two at a time, in which axes of length
  /// 1 are repeated. Forward only, but for the average of inputs of one shape.
  func compileElementwise(_ function: Elementwise, _ layer: Layer, at index: Int) throws {
    var inputs = try inputs(of: layer)
    guard inputs.count > 1, function != .subtract || inputs.count == 2,
      let largest = inputs.max(by: { $0.elementCount < $1.elementCount }),
      inputs.allSatisfy({ fits($0.shape, into: largest.shape) })
    else {
      let shapes = inputs.map { "\($0.shape)" }.joined(separator: ", ")
      throw Diagnostic(.badData, "inputs of shapes \(shapes) do not fit together")
    }
    // The order matters to a difference only.
    if function.isSymmetric, let place = inputs.firstIndex(where: { $0 === largest }) {
      inputs.swapAt(0, place)
    }
    guard inputs[0].shape == largest.shape else {
      throw Diagnostic(.badData, "a difference with a larger second input is not run")
    }
    let output = try Value(
      name: layer.name, batch: batch, shape: largest.shape, channelAxis: largest.channelAxis)
    output.needsGradient = inputs.contains(where: \.needsGradient)
    output.mask = inputs.lazy.compactMap(\.mask).first
    var total = try plain(inputs[0])
    for other in inputs.dropFirst() {
      total = try pair(function, total, try plain(other), as: output.plainLayout)
    }
    let share = 1 / Float(inputs.count)
    if function == .average { total = scaled(total, by: share, count: batch * output.elementCount) }
    output.forms = [total]
    define(output, for: index)
    guard output.needsGradient else { return }
    guard function == .average, inputs.allSatisfy({ $0.shape == largest.shape }) else {
      return try refuseGradient(layer)
    }
    onBackward { [self] in
      guard let gradient = try gradient(of: output, as: output.plainLayout) else { return }
      let part = scaled(gradient, by: share, count: batch * output.elementCount)
      for input in inputs { contribute(part, to: input) }
    }
  }

  private func pair(
    _ function: Elementwise, _ a: Form, _ b: Form, as layout: DataLayout
  ) throws -> Form {
    let result = makeForm(layout)
    let primitive = try Primitive(function.rawValue) { status in
      switch function {
      case .average:
        onednn_addition(a.layout.handle, b.layout.handle, layout.handle, .none, status)
      case .maximum:
        onednn_pair(ONEDNN_LARGER, a.layout.handle, b.layout.handle, layout.handle, status)
      case .minimum:
        onednn_pair(ONEDNN_SMALLER, a.layout.handle, b.layout.handle, layout.handle, status)
      case .subtract:
        onednn_pair(ONEDNN_DIFFERENCE, a.layout.handle, b.layout.handle, layout.handle, status)
      }
    }
    emit(
      PrimitiveCommand(
        primitive, [(ONEDNN_SOURCE, a), (ONEDNN_SOURCE_1, b), (ONEDNN_DESTINATION, result)]))
    return result
  }

  private func scaled(_ form: Form, by factor: Float, count: Int) -> Form {
    let result = makeForm(form.layout)
    emit(
      KernelCommand(touching: [form.buffer, result.buffer]) {
        let source = form.buffer.floats
        let target = result.buffer.floats
        for element in 0..<count { target[element] = source[element] * factor }
      })
    return result
  }
}
