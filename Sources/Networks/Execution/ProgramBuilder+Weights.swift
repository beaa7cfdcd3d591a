import CKernels
import ModelGraph

/// Weights in the layouts that operations want, and the way back of their gradients.
extension ProgramBuilder {
  /// A weight tensor in the layout that an operation wants. In the forward pass it is made when the
  /// weights change, in the backward pass every time.
  func weights(_ slot: ParameterStore.Slot, as layout: DataLayout) throws -> Form {
    if slot.layout == layout { return slot.form }
    let name = ObjectIdentifier(slot)
    if let known = preparedWeights[name]?.first(where: { $0.layout == layout }) { return known }
    if isEmittingBackward { return try reorder(slot.form, to: layout) }
    let target = makeForm(layout, isPinned: true)
    let command = try reorderCommand(from: slot.form, to: target)
    if slot.isDirection {
      directionPreparation.append(command)
    } else {
      preparation.append(command)
    }
    preparedWeights[name, default: []].append(target)
    return target
  }

  /// Memory for the gradient of a weight tensor. Call `finishGradient` when it is written.
  func gradientTarget(_ slot: ParameterStore.Slot, as layout: DataLayout) -> Form {
    if let buffer = slot.gradient, slot.layout == layout,
      !writtenGradients.contains(slot.parameter.tensor)
    {
      return Form(layout: layout, buffer: buffer)
    }
    return makeForm(layout)
  }

  /// Moves a gradient to where the optimiser reads it, or adds it to what another layer that
  /// shares the weights has left there.
  func finishGradient(_ form: Form, of slot: ParameterStore.Slot) throws {
    guard let buffer = slot.gradient else { return }
    let isFirst = writtenGradients.insert(slot.parameter.tensor).inserted
    if form.buffer === buffer { return }
    let home = Form(layout: slot.layout, buffer: buffer)
    if isFirst {
      emit(try reorderCommand(from: form, to: home))
    } else {
      let addend = try reorder(form, to: slot.layout).buffer
      let count = Int64(buffer.byteCount / MemoryLayout<Float>.stride)
      emit(
        KernelCommand(touching: [buffer, addend]) {
          wsl_add_to(addend.floats, buffer.floats, count)
        })
    }
  }
}
