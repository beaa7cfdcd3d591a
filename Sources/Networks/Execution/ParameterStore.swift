import COneDNN
import ModelGraph
import Support
import Tensors

/// The weights of a network in the layouts that oneDNN computes with, and room for their
/// gradients.
///
/// The first program that is compiled against a store decides each layout; later ones (another
/// batch size, inference beside training) take the store as it is and reorder where they must.
/// Values and gradients lie at the same offsets of two stretches of memory.
final class ParameterStore {
  /// One weight tensor.
  final class Slot {
    /// What it is in the model.
    let parameter: Parameter
    /// The tensor as it lies in a file, with the logical axes of oneDNN.
    let fileLayout: DataLayout
    /// The tensor as it lies here.
    let layout: DataLayout
    /// The values.
    let value: Buffer
    /// The gradient, where it is trained.
    let gradient: Buffer?
    /// The running averages of the optimiser.
    let averages: [Buffer]
    /// Whether it holds a direction, not weights.
    let isDirection: Bool
    fileprivate var loading: Primitive?
    fileprivate var unloading: Primitive?

    fileprivate init(
      parameter: Parameter, fileLayout: DataLayout, layout: DataLayout, isTrained: Bool,
      averageCount: Int, isDirection: Bool = false
    ) {
      self.parameter = parameter
      self.isDirection = isDirection
      self.fileLayout = fileLayout
      self.layout = layout
      value = Buffer(byteCount: layout.byteCount, isPinned: true)
      gradient = isTrained ? Buffer(byteCount: layout.byteCount, isPinned: true) : nil
      averages = (0..<(isTrained ? averageCount : 0)).map { _ in
        Buffer(byteCount: layout.byteCount, isPinned: true)
      }
    }

    /// The values as a tensor to compute with.
    var form: Form { Form(layout: layout, buffer: value) }
  }

  /// The tensors by name.
  private(set) var slots: [String: Slot] = [:]
  /// The names, in the order of first use.
  private(set) var names: [String] = []
  /// Whether gradients are wanted.
  let isTrained: Bool
  private let averageCount: Int
  private var memory: AlignedMemory?
  private let stream: Stream

  /// Makes an empty store.
  ///
  /// - Parameters:
  ///   - isTrained: whether there is room for gradients.
  ///   - averageCount: how many running averages an optimiser keeps for each weight.
  init(isTrained: Bool, averageCount: Int = 0) throws {
    self.isTrained = isTrained
    self.averageCount = averageCount
    stream = try Stream()
  }

  /// The tensors, in the order of first use.
  var ordered: [Slot] { names.compactMap { slots[$0] } }

  /// The slot of a parameter, made where it is new.
  ///
  /// - Parameters:
  ///   - shape: the logical shape that operations see.
  ///   - fileStrides: the steps, in the file's tensor, along each logical axis.
  ///   - preferred: the layout that the asking operation likes best.
  func slot(
    for parameter: Parameter, shape: [Int], fileStrides: [Int], preferring preferred: DataLayout?
  ) throws -> Slot {
    if let known = slots[parameter.tensor] {
      guard known.layout.shape == shape else {
        throw Diagnostic(
          .badData, "two layers share this tensor and read it in different shapes",
          at: [parameter.tensor])
      }
      return known
    }
    guard memory == nil else {
      throw Diagnostic(
        .failed, "a second program uses a tensor the first did not", at: [parameter.tensor])
    }
    let slot = Slot(
      parameter: parameter, fileLayout: try .strided(shape, strides: fileStrides),
      layout: try preferred ?? .dense(shape),
      isTrained: isTrained && !parameter.role.isStatistic, averageCount: averageCount)
    slots[parameter.tensor] = slot
    names.append(parameter.tensor)
    return slot
  }

  /// The direction that belongs to a weight tensor of another store, in the same layout; made where it
  /// is new.
  func twin(of slot: Slot) throws -> Slot {
    let name = slot.parameter.tensor
    if let known = slots[name] { return known }
    guard memory == nil else {
      throw Diagnostic(.failed, "a second program uses a tensor the first did not", at: [name])
    }
    let twin = Slot(
      parameter: slot.parameter, fileLayout: slot.fileLayout, layout: slot.layout, isTrained: true,
      averageCount: 0, isDirection: true)
    slots[name] = twin
    names.append(name)
    return twin
  }

  /// Allocates memory for all slots. No slot can be added afterwards.
  func allocate() {
    guard memory == nil else { return }
    var plan = MemoryPlan()
    for slot in ordered {
      plan.use(slot.value, at: 0)
      for buffer in slot.averages + [slot.gradient].compactMap({ $0 }) {
        plan.use(buffer, at: 0)
      }
    }
    memory = plan.allocate()
  }

  /// Takes the values of every tensor from weights in the file's layout.
  ///
  /// - Throws: `Diagnostic` where a tensor is missing or has another shape.
  func load(_ weights: Weights) throws { try load(weights) { $0.value } }

  /// Takes one of the optimiser's averages of every trained tensor.
  func loadAverages(_ index: Int, _ averages: Weights) throws {
    try load(averages) { $0.averages.indices.contains(index) ? $0.averages[index] : nil }
  }

  private func load(_ weights: Weights, into part: (Slot) -> Buffer?) throws {
    for slot in ordered {
      guard let target = part(slot) else { continue }
      let name = slot.parameter.tensor
      guard let tensor = weights[name] else {
        throw Diagnostic(.badData, "the model needs this tensor, and it is missing", at: [name])
      }
      guard tensor.shape == slot.parameter.shape else {
        throw Diagnostic(
          .badData, "the shape is \(tensor.shape); the model needs \(slot.parameter.shape)",
          at: [name])
      }
      try tensor.values.withUnsafeBufferPointer { values in
        guard let base = values.baseAddress else { return }
        try load(slot, into: target, from: base)
      }
    }
  }

  /// Takes the values of one tensor from memory that has it in the file's layout.
  func load(_ slot: Slot, from source: UnsafePointer<Float>) throws {
    try load(slot, into: slot.value, from: source)
  }

  private func load(
    _ slot: Slot, into target: Buffer, from source: UnsafePointer<Float>
  ) throws {
    let primitive = try slot.loading ?? reorder(from: slot.fileLayout, to: slot.layout)
    slot.loading = primitive
    // oneDNN takes every argument as mutable memory; a reorder only reads its source.
    try run(
      primitive, from: slot.fileLayout,
      at: UnsafeMutableRawPointer(mutating: UnsafeRawPointer(source)), to: slot.layout,
      at: target.base)
  }

  /// The values of every tensor, in the file's layout.
  func weights() throws -> Weights { try unload(\.value) }

  /// The gradients of every trained tensor, in the file's layout.
  func gradients() throws -> Weights { try unload(\.gradient) }

  /// One of the optimiser's averages of every trained tensor, in the file's layout.
  func averages(_ index: Int) throws -> Weights {
    try unload { $0.averages.indices.contains(index) ? $0.averages[index] : nil }
  }

  private func unload(_ part: (Slot) -> Buffer?) throws -> Weights {
    var result: Weights = [:]
    for slot in ordered {
      guard let buffer = part(slot) else { continue }
      var tensor = Tensor(zeros: slot.parameter.shape)
      try tensor.values.withUnsafeMutableBufferPointer { values in
        guard let base = values.baseAddress else { return }
        try unload(slot, buffer, into: base)
      }
      result[slot.parameter.tensor] = tensor
    }
    return result
  }

  /// Copies the gradient of one tensor, in the file's layout.
  ///
  /// - Precondition: the tensor is trained.
  func unloadGradient(_ slot: Slot, into target: UnsafeMutablePointer<Float>) throws {
    guard let gradient = slot.gradient else { preconditionFailure("the tensor is not trained") }
    try unload(slot, gradient, into: target)
  }

  private func unload(
    _ slot: Slot, _ buffer: Buffer, into target: UnsafeMutablePointer<Float>
  ) throws {
    let primitive = try slot.unloading ?? reorder(from: slot.layout, to: slot.fileLayout)
    slot.unloading = primitive
    try run(primitive, from: slot.layout, at: buffer.base, to: slot.fileLayout, at: target)
  }

  private func reorder(from source: DataLayout, to target: DataLayout) throws -> Primitive {
    try ThreadLimit.with(1) {
      try Primitive("reorder") { onednn_reorder(source.handle, target.handle, $0) }
    }
  }

  private func run(
    _ primitive: Primitive, from source: DataLayout, at origin: UnsafeMutableRawPointer,
    to target: DataLayout, at destination: UnsafeMutableRawPointer
  ) throws {
    let from = Buffer(byteCount: source.byteCount)
    let into = Buffer(byteCount: target.byteCount)
    from.place(at: origin)
    into.place(at: destination)
    let command = PrimitiveCommand(
      primitive,
      [
        (ONEDNN_SOURCE, Form(layout: source, buffer: from)),
        (ONEDNN_DESTINATION, Form(layout: target, buffer: into)),
      ])
    let scratch = AlignedMemory(byteCount: command.scratchByteCount)
    let scratchBuffer = Buffer(byteCount: scratch.byteCount)
    scratchBuffer.place(at: scratch.base)
    try ThreadLimit.with(1) {
      try command.prepare(scratch: scratchBuffer)
      try command.run(on: stream)
    }
    withExtendedLifetime(scratch) {}
  }
}
