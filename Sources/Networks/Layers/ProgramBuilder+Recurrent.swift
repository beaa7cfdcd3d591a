import COneDNN
import ModelGraph
import Support

extension ProgramBuilder {
  /// LSTM, GRU or simple recurrent layer over the first axis of an example.
  func compileRecurrent(_ parameters: Recurrent, _ layer: Layer, at index: Int) throws {
    let inputs = try inputs(of: layer)
    guard let input = inputs.first, input.shape.count == 2,
      [1, 1 + parameters.kind.stateCount].contains(inputs.count)
    else {
      throw Diagnostic(
        .badData, "a recurrent layer reads [steps, features], not \(inputs.first?.shape ?? [])")
    }
    let steps = input.shape[0]
    let features = input.shape[1]
    let units = parameters.units
    let columns = parameters.kind.gateCount * units
    let kernel = try recurrentSlot(.kernel, rows: features, columns: columns, layer)
    let recurrent = try recurrentSlot(.recurrentKernel, rows: units, columns: columns, layer)
    let isONNX = parameters.gateOrder == .onnx
    let isPyTorchOrder = !isONNX && layer.parameter(.kernel)?.axes.last == .input
    let hasTwoBiases =
      (isONNX || parameters.kind == .gru && parameters.resetsAfter)
      && (isONNX || layer.parameter(.bias)?.shape.reduce(1, *) == 2 * columns)
    // Both directions may lie in one tensor, the forward one first.
    let directions =
      isONNX && layer.parameter(.kernel)?.axes.first == .fixed
      ? layer.parameter(.kernel)?.shape.first ?? 1 : 1
    let place = directions > 1 && parameters.goesBackwards ? 1 : 0
    let biasCount = hasTwoBiases ? 2 * columns : columns
    let bias = try vectorSlot(.bias, of: layer, count: directions * biasCount)
    let secondBias = try vectorSlot(.recurrentBias, of: layer, count: columns)
    let cell = RecurrentCell(
      parameters: parameters, batch: batch, steps: steps, features: features,
      isResetFirst: isPyTorchOrder, hasTwoBiases: hasTwoBiases)
    let shape = parameters.returnsSequences ? [steps, units] : [units]
    let output = try makeValue(layer.name, shape: shape, channelAxis: shape.count - 1)
    output.needsGradient = needsGradient(layer, inputs)
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
    if output.needsGradient,
      !RecurrentGradient.knows(parameters) || !given.isEmpty
        || ends.contains(where: { $0 != nil })
    {
      try refuseGradient(layer)
    }
    let work = Buffer(byteCount: cell.workCount * MemoryLayout<Float>.stride)
    let mask = input.mask
    let touched = [source, target, work] + ([mask] + ends).compactMap { $0 } + given
    emit(
      KernelCommand(touching: touched) {
        try cell.run(
          RecurrentCell.Memory(
            input: source.floats, kernel: kernel.value.floats + place * features * columns,
            recurrentKernel: recurrent.value.floats + place * units * columns,
            bias: bias.map { $0.value.floats + place * biasCount },
            recurrentBias: secondBias?.value.floats, mask: mask?.floats, work: work.floats,
            output: target.floats, given: given.map(\.floats),
            ends: ends.map { $0?.floats }))
      })
    define(output, for: index)
    try differentiate(
      cell, from: input, to: output, mask: mask,
      slots: RecurrentSlots(
        kernel: kernel, recurrentKernel: recurrent, bias: bias, recurrentBias: secondBias))
  }

  /// Leaves the backward pass of a recurrent layer.
  private func differentiate(
    _ cell: RecurrentCell, from input: Value, to output: Value, mask: Buffer?, slots: RecurrentSlots
  ) throws {
    let source = try plain(input).buffer
    onBackward { [self] in
      guard output.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      let backward = RecurrentGradient(cell: cell)
      let work = floats(backward.workCount)
      let back = input.needsGradient ? makeForm(input.plainLayout) : nil
      // Without training nobody wants the weights' gradients, which then go to memory of no use.
      let targets = slots.all.map { slot in
        options.isTraining ? gradientTarget(slot, as: slot.layout) : makeForm(slot.layout)
      }
      let change = gradient.buffer
      let touched =
        [source, change, work] + slots.all.map(\.value) + targets.map(\.buffer)
        + [mask, back?.buffer].compactMap { $0 }
      emit(
        KernelCommand(touching: touched) {
          var rest = targets.dropFirst(2).map(\.buffer.floats)[...]
          let forward = RecurrentCell.Memory(
            input: source.floats, kernel: slots.kernel.value.floats,
            recurrentKernel: slots.recurrentKernel.value.floats, bias: slots.bias?.value.floats,
            recurrentBias: slots.recurrentBias?.value.floats, mask: mask?.floats, work: work.floats,
            output: change.floats)
          try backward.run(
            RecurrentGradient.Memory(
              forward: forward, change: change.floats, input: back?.buffer.floats,
              kernel: targets[0].buffer.floats, recurrentKernel: targets[1].buffer.floats,
              bias: slots.bias == nil ? nil : rest.popFirst(),
              recurrentBias: slots.recurrentBias == nil ? nil : rest.popFirst()))
        })
      if let back { contribute(back, to: input) }
      guard options.isTraining else { return }
      for (slot, target) in zip(slots.all, targets) { try finishGradient(target, of: slot) }
    }
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
    // An axis for the directions says nothing of the matrix.
    let meanings = parameter.axes.filter { $0 != .fixed }
    let directions = parameter.axes.first == .fixed ? parameter.shape[0] : 1
    let isTransposed = meanings.first.map { axis in
      if case .output = axis { true } else { false }
    }
    let wanted = isTransposed == true ? [columns, rows] : [rows, columns]
    guard parameter.shape == (parameter.axes.first == .fixed ? [directions] : []) + wanted else {
      throw Diagnostic(
        .badData, "the shape is \(parameter.shape); the layer needs \(wanted)",
        at: [parameter.tensor])
    }
    let strides = rowMajorStrides(wanted)
    if directions > 1 {
      let own = isTransposed == true ? Array(strides.reversed()) : strides
      return try store.slot(
        for: parameter, shape: [directions, rows, columns], fileStrides: [rows * columns] + own,
        preferring: nil)
    }
    return try store.slot(
      for: parameter, shape: [rows, columns],
      fileStrides: isTransposed == true ? strides.reversed() : strides, preferring: nil)
  }
}

/// The tensors of a recurrent layer.
private struct RecurrentSlots {
  var kernel: ParameterStore.Slot
  var recurrentKernel: ParameterStore.Slot
  var bias: ParameterStore.Slot?
  var recurrentBias: ParameterStore.Slot?

  /// Those that it has, the kernels first.
  var all: [ParameterStore.Slot] {
    [kernel, recurrentKernel] + [bias, recurrentBias].compactMap { $0 }
  }
}
