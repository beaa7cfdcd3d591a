import COneDNN
import ModelGraph
import WorkbenchCore

extension ProgramBuilder {
  /// LSTM, GRU or simple recurrent layer over the first axis of an example. Forward only.
  func compileRecurrent(_ parameters: Recurrent, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    guard input.shape.count == 2 else {
      throw Diagnostic(
        .badData, "a recurrent layer reads [steps, features], not \(input.shape)")
    }
    if options.isTraining || input.needsGradient { try refuseGradient(layer) }
    let steps = input.shape[0]
    let features = input.shape[1]
    let units = parameters.units
    let columns = parameters.kind.gateCount * units
    let kernel = try recurrentSlot(.kernel, rows: features, columns: columns, layer)
    let recurrent = try recurrentSlot(.recurrentKernel, rows: units, columns: columns, layer)
    let isPyTorchOrder = layer.parameter(.kernel)?.axes.last == .input
    let hasTwoBiases =
      parameters.kind == .gru && parameters.resetsAfter
      && layer.parameter(.bias)?.shape.reduce(1, *) == 2 * columns
    let bias = try vectorSlot(.bias, of: layer, count: hasTwoBiases ? 2 * columns : columns)
    let secondBias = try vectorSlot(.recurrentBias, of: layer, count: columns)
    let cell = RecurrentCell(
      parameters: parameters, batch: batch, steps: steps, features: features,
      isResetFirst: isPyTorchOrder, hasTwoBiases: hasTwoBiases)
    let shape = parameters.returnsSequences ? [steps, units] : [units]
    let output = try makeValue(layer.name, shape: shape, channelAxis: shape.count - 1)
    output.mask = parameters.returnsSequences ? input.mask : nil
    let source = try plain(input).buffer
    let target = output.forms[0].buffer
    let work = Buffer(byteCount: cell.workCount * MemoryLayout<Float>.stride)
    let mask = input.mask
    let touched = [source, target, work] + [mask].compactMap { $0 }
    emit(
      KernelCommand(touching: touched) {
        try cell.run(
          RecurrentCell.Memory(
            input: source.floats, kernel: kernel.value.floats,
            recurrentKernel: recurrent.value.floats, bias: bias?.value.floats,
            recurrentBias: secondBias?.value.floats, mask: mask?.floats, work: work.floats,
            output: target.floats))
      })
    define(output, for: index)
  }

  private func recurrentSlot(
    _ role: Parameter.Role, rows: Int, columns: Int, _ layer: Layer
  ) throws -> ParameterStore.Slot {
    let parameter = try requiredParameter(role, of: layer)
    let isTransposed = parameter.axes.first.map { axis in
      if case .output = axis { true } else { false }
    }
    let wanted = isTransposed == true ? [columns, rows] : [rows, columns]
    guard parameter.shape == wanted else {
      throw Diagnostic(
        .badData, "the shape is \(parameter.shape); the layer needs \(wanted)",
        at: [parameter.tensor])
    }
    let strides = rowMajorStrides(wanted)
    return try store.slot(
      for: parameter, shape: [rows, columns],
      fileStrides: isTransposed == true ? strides.reversed() : strides, preferring: nil)
  }
}
