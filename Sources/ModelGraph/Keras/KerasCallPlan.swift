import Support

/// What a configuration tells of the outputs of a call.
struct KerasOutputs {
  /// How many others read, at least one.
  var count = 1
  /// The shapes of those that others record (Keras 3), by their numbers.
  var shapes: [Int: [Int?]] = [:]

  init() {}

  /// One output.
  init(shape: [Int?]?) { shapes[0] = shape }
}

/// The calls of a functional model's layers in an order in which they can be computed.
struct KerasCallPlan {
  /// One call of one layer.
  struct Call: Hashable {
    /// The index of the layer in the model.
    var layer: Int
    /// The number of the call.
    var number: Int
  }

  /// The calls, each after those that it reads.
  private(set) var order: [Call] = []
  private let model: KerasModel
  private let indices: [String: Int]
  /// Models whose calls are counted from 1 by the layers that read them: a model has a call of its
  /// own, the one that made it, which old versions count.
  private var countsFromOne: Set<Int> = []
  private var outputs: [Call: KerasOutputs] = [:]
  /// The most outputs of a layer that are believed.
  private static let mostOutputs = 4096

  /// Orders the calls.
  ///
  /// - Throws: `Diagnostic` of code `badData`: two layers of one name, a reference to none, a cycle.
  init(_ model: KerasModel) throws {
    self.model = model
    var indices: [String: Int] = [:]
    for (index, layer) in model.layers.enumerated() {
      guard indices.updateValue(index, forKey: layer.name) == nil else {
        throw Diagnostic(.badData, "two layers have this name", at: [layer.name])
      }
    }
    self.indices = indices
    for reference in model.layers.flatMap({ $0.calls.joined() }) {
      guard let index = indices[reference.layer], model.layers[index].model != nil else {
        continue
      }
      if reference.call >= model.layers[index].calls.count { countsFromOne.insert(index) }
    }

    var calls: [Call] = []
    var numbers: [Call: Int] = [:]
    for (index, layer) in model.layers.enumerated() {
      for number in 0..<max(1, layer.calls.count) {
        let call = Call(layer: index, number: number)
        numbers[call] = calls.count
        calls.append(call)
      }
    }
    var needs: [[Int]] = []
    for call in calls {
      let layer = model.layers[call.layer]
      let references = layer.calls.isEmpty ? [] : layer.calls[call.number]
      needs.append(
        try references.map { reference in
          do {
            let source = try self.call(of: reference, isOutput: false)
            try note(reference, of: source)
            return numbers[source] ?? 0
          } catch let error as Diagnostic {
            throw error.inside(layer.name)
          }
        })
    }
    for reference in model.outputs {
      try note(reference, of: try self.call(of: reference, isOutput: true))
    }
    let (sorted, cyclic) = TopologicalOrder.sort(needs: needs)
    if let first = cyclic.first {
      throw Diagnostic(
        .badData, "the layer waits for its own output: the layers form a cycle",
        at: [model.layers[calls[first].layer].name])
    }
    let reached = try reachable(calls, numbers, needs)
    order = sorted.filter { reached[$0] }.map { calls[$0] }
  }

  /// Which calls the outputs need. The others compute masks, which layers hand on by themselves,
  /// or nothing that is used. Inputs stay.
  private func reachable(
    _ calls: [Call], _ numbers: [Call: Int], _ needs: [[Int]]
  ) throws -> [Bool] {
    var reached = calls.map { model.layers[$0.layer].className == "InputLayer" }
    var pending = try model.outputs.compactMap { numbers[try call(of: $0, isOutput: true)] }
    while let next = pending.popLast() {
      if reached[next] { continue }
      reached[next] = true
      pending += needs[next]
    }
    return reached
  }

  /// The first layer that a call's mask comes from and that is none of those which Keras puts in by
  /// itself after an embedding or a masking layer.
  func foreignMask(of call: Call) -> String? {
    let layer = model.layers[call.layer]
    guard layer.masks.indices.contains(call.number) else { return nil }
    return layer.masks[call.number].first { reference in
      guard let index = indices[reference.layer] else { return true }
      return !["NotEqual", "Any"].contains(model.layers[index].className)
    }?.layer
  }

  /// The call that a reference means.
  ///
  /// - Parameter isOutput: whether the reference is one of the model's outputs, where models inside
  ///   have been counted from 1 ever since Keras 2.
  func call(of reference: KerasReference, isOutput: Bool) throws -> Call {
    guard let index = indices[reference.layer] else {
      throw Diagnostic(.badData, "reads the layer \(reference.layer), which does not exist")
    }
    let layer = model.layers[index]
    let count = max(1, layer.calls.count)
    if count == 1 { return Call(layer: index, number: 0) }
    var number = reference.call
    if layer.model != nil, countsFromOne.contains(index) || (isOutput && number > 0) {
      number -= 1
    }
    guard (0..<count).contains(number) else {
      throw Diagnostic(
        .badData, "reads call \(reference.call) of \(reference.layer), which has \(count)")
    }
    return Call(layer: index, number: number)
  }

  /// What the configuration tells of a call's outputs.
  func outputs(of call: Call) -> KerasOutputs { outputs[call] ?? KerasOutputs() }

  private mutating func note(_ reference: KerasReference, of source: Call) throws {
    guard (0..<KerasCallPlan.mostOutputs).contains(reference.output) else {
      throw Diagnostic(.badData, "reads output \(reference.output) of \(reference.layer)")
    }
    var known = outputs[source] ?? KerasOutputs()
    known.count = max(known.count, reference.output + 1)
    if let shape = reference.shape { known.shapes[reference.output] = shape }
    outputs[source] = known
  }
}
