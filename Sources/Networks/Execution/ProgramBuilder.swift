import COneDNN
import ModelGraph
import WorkbenchCore

/// What a program is compiled for.
struct ProgramOptions {
  /// Whether layers behave as in training, and a backward pass exists.
  var isTraining = false
  /// Whether batch normalisation takes the batch's statistics, and keeps them to be read, while
  /// everything else behaves as when run.
  var measuresStatistics = false
  /// Whether a softmax at the end is left out, so that the output is its logits.
  var dropsFinalSoftmax = false
  /// Layers whose outputs are kept to be read.
  var captures: [String] = []
  /// Whether the gradient with respect to the input is wanted.
  var needsInputGradient = false
  /// The shape of one example, where the graph leaves an axis open.
  var inputShape: [Int]?
}

/// Compiles a graph for one batch size into lists of commands.
///
/// Each layer appends its forward commands, and leaves a closure that appends its backward ones;
/// the closures run in reverse when the forward list is complete. Layers work on values in whatever
/// layout they were made in; reorders are inserted where an operation wants another, once for each.
final class ProgramBuilder {
  let graph: ModelGraph
  let batch: Int
  let options: ProgramOptions
  let store: ParameterStore
  /// What changes from run to run without being memory.
  let state = RunState()

  /// Run after the weights changed.
  private(set) var preparation: [any Command] = []
  private(set) var forward: [any Command] = []
  private(set) var backward: [any Command] = []
  private(set) var values: [Value?]
  /// Where the normalisations leave the statistics of the batch, where they are asked for.
  var statistics: [StatisticsForm] = []
  /// The memory that a run's examples are written to, once an input layer was compiled.
  var inputBuffer: Buffer?
  /// The shape of one example.
  var inputShape: [Int] = []
  /// Layers whose work an earlier layer's operation did already.
  var fused: Set<Int> = []
  /// Layers that an earlier normalisation computes and differentiates as well.
  var fusedIntoNormalization: Set<Int> = []

  private var backwardWork: [() throws -> Void] = []
  private var isEmittingBackward = false
  private var consumerCounts: [Int]
  private var preparedWeights: [String: [Form]] = [:]
  private var writtenGradients: Set<String> = []

  init(graph: ModelGraph, batch: Int, options: ProgramOptions, store: ParameterStore) {
    self.graph = graph
    self.batch = batch
    self.options = options
    self.store = store
    values = Array(repeating: nil, count: graph.layers.count)
    consumerCounts = Array(repeating: 0, count: graph.layers.count)
    for layer in graph.layers { for input in layer.inputs { consumerCounts[input] += 1 } }
  }

  // MARK: Values

  /// The inputs of a layer.
  func inputs(of layer: Layer) throws -> [Value] {
    try layer.inputs.map { index in
      guard values.indices.contains(index), let value = values[index] else {
        throw Diagnostic(.badData, "a layer comes before its inputs", at: [layer.name])
      }
      return value
    }
  }

  /// The only input of a layer.
  func input(of layer: Layer) throws -> Value {
    let all = try inputs(of: layer)
    guard all.count == 1 else {
      throw Diagnostic(
        .badData, "a \(layer.operation.name) layer takes one input, not \(all.count)",
        at: [layer.name])
    }
    return all[0]
  }

  /// Records the output of a layer.
  func define(_ value: Value, for index: Int) { values[index] = value }

  /// A value with memory in a layout of its own logical shape.
  func makeValue(
    _ name: String, shape: [Int], channelAxis: Int, layout: DataLayout? = nil
  ) throws -> Value {
    let value = try Value(name: name, batch: batch, shape: shape, channelAxis: channelAxis)
    value.forms = [makeForm(layout ?? value.plainLayout)]
    return value
  }

  /// Fresh memory of a layout.
  func makeForm(_ layout: DataLayout, isPinned: Bool = false) -> Form {
    Form(layout: layout, buffer: Buffer(byteCount: layout.byteCount, isPinned: isPinned))
  }

  /// Whether somebody outside the program reads the output of a layer, or several layers do.
  func isObserved(_ index: Int) -> Bool {
    consumerCounts[index] != 1 || graph.outputs.contains(index)
      || options.captures.contains(graph.layers[index].name)
  }

  /// The activation that is the only consumer of a layer, which may then be fused with it.
  func soleActivation(after index: Int) -> (index: Int, activation: Activation)? {
    guard !isObserved(index) else { return nil }
    let next = graph.layers.firstIndex { $0.inputs.contains(index) }
    guard let next, graph.layers[next].inputs == [index],
      case .activation(let activation) = graph.layers[next].operation
    else { return nil }
    return (next, activation)
  }

  // MARK: Commands

  /// Appends a command to the list that is being written.
  func emit(_ command: any Command) {
    if isEmittingBackward { backward.append(command) } else { forward.append(command) }
  }

  /// Has work done when the backward list is written, after that of all later layers.
  func onBackward(_ work: @escaping () throws -> Void) {
    if options.isTraining || options.needsInputGradient { backwardWork.append(work) }
  }

  /// Writes the backward list.
  func emitBackward() throws {
    isEmittingBackward = true
    for work in backwardWork.reversed() { try work() }
    backwardWork = []
  }

  /// A tensor in another layout of the same logical shape; itself where the layouts agree.
  func reorder(_ form: Form, to layout: DataLayout) throws -> Form {
    if form.layout == layout { return form }
    let target = makeForm(layout)
    emit(try reorderCommand(from: form, to: target))
    return target
  }

  /// The command that copies a tensor to another layout.
  func reorderCommand(from source: Form, to target: Form) throws -> PrimitiveCommand {
    let primitive = try Primitive("reorder") {
      onednn_reorder(source.layout.handle, target.layout.handle, $0)
    }
    return PrimitiveCommand(primitive, [(ONEDNN_SOURCE, source), (ONEDNN_DESTINATION, target)])
  }

  /// A value in a layout.
  func form(of value: Value, as layout: DataLayout) throws -> Form {
    if let known = value.forms.first(where: { $0.layout == layout }) { return known }
    let made = try reorder(value.forms[0], to: layout)
    value.forms.append(made)
    return made
  }

  /// A value in the model's own order.
  func plain(_ value: Value) throws -> Form { try form(of: value, as: value.plainLayout) }

  // MARK: Gradients

  /// Adds a consumer's part to the gradient of a value. The memory must not change afterwards.
  func contribute(_ form: Form, to value: Value) {
    if value.needsGradient { value.contributions.append(form) }
  }

  /// The gradient of a value, once all its consumers have contributed; nil where none did.
  func gradient(of value: Value) throws -> Form? {
    guard let first = value.contributions.first else { return nil }
    if value.contributions.count == 1 { return first }
    let total = makeForm(first.layout)
    let sources = value.contributions.map(\.layout.handle)
    let primitive = try Primitive("sum") { status in
      sources.withUnsafeBufferPointer { handles in
        handles.withMemoryRebound(to: OpaquePointer?.self) {
          onednn_sum(Int32(sources.count), $0.baseAddress, total.layout.handle, status)
        }
      }
    }
    emit(PrimitiveCommand(sum: primitive, of: value.contributions, into: total))
    value.contributions = [total]
    return total
  }

  /// The gradient of a value in a layout.
  func gradient(of value: Value, as layout: DataLayout) throws -> Form? {
    try gradient(of: value).map { try reorder($0, to: layout) }
  }

  // MARK: Weights

  /// A weight tensor in the layout that an operation wants. In the forward pass it is made when the
  /// weights change, in the backward pass every time.
  func weights(_ slot: ParameterStore.Slot, as layout: DataLayout) throws -> Form {
    if slot.layout == layout { return slot.form }
    let name = slot.parameter.tensor
    if let known = preparedWeights[name]?.first(where: { $0.layout == layout }) { return known }
    if isEmittingBackward { return try reorder(slot.form, to: layout) }
    let target = makeForm(layout, isPinned: true)
    preparation.append(try reorderCommand(from: slot.form, to: target))
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
      let count = buffer.byteCount / MemoryLayout<Float>.stride
      emit(
        KernelCommand(touching: [buffer, addend]) {
          let target = buffer.floats
          let source = addend.floats
          for index in 0..<count { target[index] += source[index] }
        })
    }
  }
}

/// What changes from run to run of a program without being memory.
final class RunState {
  /// The seed of the random choices of this run.
  var seed: UInt64 = 0
}
