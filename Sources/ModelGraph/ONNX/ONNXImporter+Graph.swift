import Catalogs
import Support

extension ONNXImporter {
  /// The graph.
  ///
  /// Where the channels stand, and which axis is the batch, no ONNX model says. The layers are built for
  /// each answer that may be right, and the one of which most is understood is taken. A tensor that is a
  /// layer's weight, and that something reads which is not understood, stays as it is: the layer counts
  /// as not understood, either.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the node.
  static func graph(of model: ONNXGraph, _ catalog: Catalog) throws -> ModelGraph {
    let source = ONNXPatterns.simplified(model)
    let isSpatial = source.inputs.contains { ($0.shape?.count ?? 0) > 3 }
    let hasWindows = source.nodes.contains {
      $0.operation == "Conv" || $0.operation.hasSuffix("Pool")
    }
    let orders: [ModelGraph.ChannelOrder] =
      isSpatial || hasWindows ? [.first, .last] : [.last, .first]
    // Of pictures the batch is the first axis; of rows of steps it may be the second.
    let canHaveSteps =
      !isSpatial && source.inputs.contains { (2...3).contains($0.shape?.count ?? 0) }
    var best: (graph: ModelGraph, cost: Cost)?
    var failure: (any Error)?
    for batchAxis in canHaveSteps ? [0, 1] : [0] {
      for order in orders {
        do {
          let graph = try settledGraph(of: source, catalog, order, batchAxis: batchAxis)
          let cost = Cost(graph)
          if best.map({ cost < $0.cost }) ?? true { best = (graph, cost) }
        } catch {
          if failure == nil { failure = error }
        }
        if let best, best.cost.isNone { return best.graph }
      }
      // Another axis for the batch is tried only where something is not understood.
      if let best, best.cost.unsupported == 0 { return best.graph }
    }
    if let best { return best.graph }
    throw failure ?? Diagnostic(.badData, "the network has no output")
  }

  /// How much of a graph is not understood, or has to be moved about.
  private struct Cost: Comparable {
    var unsupported = 0
    var moved = 0
    var isNone: Bool { unsupported == 0 && moved == 0 }

    init(_ graph: ModelGraph) {
      for layer in graph.layers {
        switch layer.operation {
        case .unsupported: unsupported += 1
        case .rearrange: moved += 1
        default: break
        }
      }
    }

    static func < (a: Cost, b: Cost) -> Bool {
      (a.unsupported, a.moved) < (b.unsupported, b.moved)
    }
  }

  private static func settledGraph(
    of source: ONNXGraph, _ catalog: Catalog, _ order: ModelGraph.ChannelOrder, batchAxis: Int
  ) throws -> ModelGraph {
    var shared: Set<String> = []
    // Each round more layers are given up; after a few, all that could be.
    var round = 0
    while true {
      var importer = ONNXImporter(source, catalog, order, batchAxis: batchAxis)
      importer.shared = shared
      let (graph, strays) = try importer.graph(catalog)
      let found = strays.intersection(graph.parameters.map(\.tensor))
      if found.isEmpty { return graph }
      shared.formUnion(round < 8 ? found : Set(catalog.tensors.map(\.name)))
      round += 1
    }
  }

  private mutating func graph(
    _ catalog: Catalog
  ) throws -> (graph: ModelGraph, strays: Set<String>) {
    for input in source.inputs { try add(input: input) }
    for index in neededNodes() where !fused.contains(index) {
      let node = source.nodes[index]
      guard isComputed(node) else { continue }
      do { try add(node) } catch let error as Diagnostic {
        throw error.location.isEmpty ? error.inside(name(of: node)) : error
      }
    }
    var outputs: [Int] = []
    for output in source.outputs { outputs += try layer(ofOutput: output.name) }
    if outputs.isEmpty, let output = source.outputs.first {
      throw Diagnostic(.badData, "no layer makes the output", at: [output.name])
    }
    var graph = try builder.finish(outputs: outputs)
    let used = Set(graph.parameters.map(\.tensor))
    graph.skipped += catalog.tensors.filter { !used.contains($0.name) }.map {
      .init(name: $0.name, reason: $0.role?.reason ?? "no layer has it as a weight")
    }
    strays += source.outputs.map(\.name)
    return (graph, strayTensors)
  }

  /// The layer that makes an output, its elements in the output's order; none where the output is made of
  /// the model's tensors alone.
  private mutating func layer(ofOutput name: String) throws -> [Int] {
    switch values[name] {
    case nil:
      guard weights[name] != nil || numbers[name] != nil || made[name] != nil else {
        throw Diagnostic(.badData, "no layer makes the output", at: [name])
      }
      return []
    case .unknown(let layer)?: return [layer]
    case .scores(let scores)?:
      let sources = ONNXValue.scores(scores).layers
      builder.cannotRun("output \(name): products of queries and keys are not returned")
      return [
        try builder.add(
          name, .unsupported("MatMul"), inputs: sources,
          outputShape: scores.shape.dropFirst().map(\.integer))
      ]
    case .view(let view)?:
      do { return [try settled(view, order: view.exampleAxes).layer] } catch is ONNXRefusal {
        builder.cannotRun("output \(name): its elements are moved in a way that is not understood")
        return [view.layer]
      }
    }
  }

  /// Adds a place where data come in. Where the first thing that happens to images is that their
  /// channels move to the front, they are taken to come in that way.
  private mutating func add(input: ONNXGraph.Value) throws {
    guard let shape = input.shape else {
      throw Diagnostic(
        .badData, "the model does not state the shape of its input", at: [input.name],
        remedy: Remedies.describeNetwork)
    }
    guard shape.count > 1 else {
      values[input.name] = .unknown(try builder.input(input.name, shape: []))
      if shape.count == 1 {
        values[input.name] = .view(view(of: values[input.name]?.layers.first ?? 0, input, [0]))
      }
      return
    }
    let next = (readers[input.name] ?? []).map { source.nodes[$0] }
    let toFront = [0, shape.count - 1] + Array(1..<(shape.count - 1))
    if shape.count > 2, !next.isEmpty, builder.channelOrder == .first,
      next.allSatisfy({ $0.operation == "Transpose" && $0.integers("perm") == toFront })
    {
      let layer = try builder.input(
        input.name, shape: [shape[shape.count - 1]] + shape[1..<(shape.count - 1)])
      values[input.name] = .view(
        view(of: layer, input, [0, shape.count - 1] + Array(1..<(shape.count - 1))))
      builder.assume(
        Assumption(
          .family, "examples are given with the channels first, to which the model moves them",
          effect: .running))
      return
    }
    let batch = batchAxis(of: input)
    if builder.graph.layers.isEmpty, let length = shape[batch] { self.batch = ONNXAmount(length) }
    let order = [batch] + shape.indices.filter { $0 != batch }
    let layer = try builder.input(input.name, shape: order.dropFirst().map { shape[$0] })
    values[input.name] = .view(view(of: layer, input, order))
    if batch != 0 {
      builder.assume(
        Assumption(
          .family, "axis \(batch) of \(input.name) is that of the examples", effect: .running))
    }
  }

  /// Which axis of an input is the batch: the one that the model names so, else the one that is tried. Of
  /// inputs after the first it is one whose length may be the batch's.
  private func batchAxis(of input: ONNXGraph.Value) -> Int {
    let names = input.lengthNames
    if let axis = names.firstIndex(where: { $0?.lowercased().contains("batch") == true }) {
      return axis
    }
    let shape = input.shape ?? []
    let tried = batchAxis < shape.count ? batchAxis : 0
    guard !builder.graph.layers.isEmpty, shape.indices.contains(tried), let length = shape[tried],
      batch != ONNXAmount(length)
    else { return tried }
    return shape.firstIndex { $0 == nil || $0.map { ONNXAmount($0) } == batch } ?? tried
  }

  /// An input as a view of its layer.
  ///
  /// - Parameter order: the axis of the batch, then those of the layer.
  private func view(of layer: Int, _ input: ONNXGraph.Value, _ order: [Int]) -> ONNXView {
    let shape = input.shape ?? []
    var axes = shape.map { _ in [ONNXView.Part]() }
    for (place, axis) in order.enumerated() {
      let name = input.lengthNames.indices.contains(axis) ? input.lengthNames[axis] : nil
      let length =
        shape[axis].map { ONNXAmount($0) }
        ?? ONNXAmount(named: place == 0 ? "batch" : name ?? "\(input.name)·\(axis)")
      if !length.isOne {
        axes[axis] = [ONNXView.Part(axis: place - 1, place: 0, length: length)]
      }
    }
    return ONNXView(layer: layer, axes: axes, mover: nil)
  }
}
