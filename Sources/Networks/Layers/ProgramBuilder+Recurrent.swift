import COneDNN
import ModelGraph
import Support

extension ProgramBuilder {
  /// LSTM, GRU or simple recurrent layer over the first axis of an example. Forward only.
  func compileRecurrent(_ parameters: Recurrent, _ layer: Layer, at index: Int) throws {
    let inputs = try inputs(of: layer)
    guard let input = inputs.first, input.shape.count == 2,
      [1, 1 + parameters.kind.stateCount].contains(inputs.count)
    else {
      throw Diagnostic(
        .badData, "a recurrent layer reads [steps, features], not \(inputs.first?.shape ?? [])")
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
    let given = try inputs.dropFirst().map { state in
      guard state.shape == [units] else {
        throw Diagnostic(
          .badData, "a state of \(state.shape) is given to a layer of \(units) units")
      }
      return try plain(state).buffer
    }
    let ends = try endStates(parameters, of: index)
    let work = Buffer(byteCount: cell.workCount * MemoryLayout<Float>.stride)
    let mask = input.mask
    let touched = [source, target, work] + ([mask] + ends).compactMap { $0 } + given
    emit(
      KernelCommand(touching: touched) {
        try cell.run(
          RecurrentCell.Memory(
            input: source.floats, kernel: kernel.value.floats,
            recurrentKernel: recurrent.value.floats, bias: bias?.value.floats,
            recurrentBias: secondBias?.value.floats, mask: mask?.floats, work: work.floats,
            output: target.floats, given: given.map(\.floats),
            ends: ends.map { $0?.floats }))
      })
    define(output, for: index)
  }

  /// Room for the states in which a layer ends, where some layer hands them on; nil for others.
  private func endStates(_ parameters: Recurrent, of index: Int) throws -> [Buffer?] {
    var ends = [Buffer?](repeating: nil, count: parameters.kind.stateCount)
    for (reader, layer) in graph.layers.enumerated() where layer.inputs == [index] {
      guard case .recurrentState(let number) = layer.operation, ends.indices.contains(number)
      else { continue }
      let value = try makeValue(layer.name, shape: [parameters.units], channelAxis: 0)
      if let known = ends[number] {
        value.forms = [Form(layout: value.plainLayout, buffer: known)]
      }
      ends[number] = value.forms[0].buffer
      finalStates[reader] = value
    }
    return ends
  }

  /// A state in which a recurrent layer ended.
  func compileRecurrentState(_ layer: Layer, at index: Int) throws {
    guard let value = finalStates[index] else {
      throw Diagnostic(.badData, "a state is read of a layer that has none of that number")
    }
    define(value, for: index)
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
