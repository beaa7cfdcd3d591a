/// The experts of a mixture, which may change places together with what the router has of them.
public struct ExpertSymmetry: Sendable, Hashable {
  /// The name of the mixture.
  public var layer: String
  /// Where the router's products lie: its kernel and, where there is one, its bias.
  public var router: [SymmetrySlice]
  /// The tensors of each expert, in one order.
  public var tensors: [[String]]
}

extension SymmetryAnalysis {
  /// The mixtures whose experts are alike and separate, each with a router of its own.
  func experts() -> [ExpertSymmetry] {
    graph.layers.indices.compactMap { index in
      guard case .mixture = graph.layers[index].operation else { return nil }
      return experts(of: index)
    }
  }

  private func experts(of index: Int) -> ExpertSymmetry? {
    let layer = graph.layers[index]
    guard layer.inputs.count > 2, let routing = layer.inputs.first,
      case .routing = graph.layers[routing].operation, !ends.contains(routing),
      consumers[routing] == [index], let source = graph.layers[routing].inputs.first,
      let router = projection(source), router.selection == nil,
      isExclusive([router], to: routing), let kernel = graph.layers[router.layer].denseKernel,
      kernel.shape[kernel.output] == layer.inputs.count - 1,
      let shared = graph.layers[router.layer].inputs.first
    else { return nil }
    let experts = layer.inputs.dropFirst().map { expert(from: $0, readBy: index, upTo: shared) }
    let known = experts.compactMap { $0 }
    guard known.count == experts.count, let first = known.first,
      Set(known.joined()).count == known.count * first.count
    else { return nil }
    let shape = first.map { graph.layers[$0] }
    for layers in known {
      guard layers.count == first.count else { return nil }
      for (layer, model) in zip(layers.map({ graph.layers[$0] }), shape) {
        let isAlike =
          layer.operation == model.operation
          && layer.parameters.map(\.shape) == model.parameters.map(\.shape)
          && layer.parameters.map(\.axes) == model.parameters.map(\.axes)
        guard isAlike, layer.parameters.allSatisfy({ isOwn($0.tensor) }) else { return nil }
      }
      // Within an expert, layers read each other alike.
      let places = Dictionary(uniqueKeysWithValues: zip(layers, layers.indices))
      let models = Dictionary(uniqueKeysWithValues: zip(first, first.indices))
      for (own, model) in zip(layers, first) {
        let inputs = graph.layers[own].inputs.map { places[$0] ?? -1 }
        guard inputs == graph.layers[model].inputs.map({ models[$0] ?? -1 }) else { return nil }
      }
    }
    let starts = Array(0..<known.count)
    var slices = [
      SymmetrySlice(
        tensor: kernel.tensor, axis: kernel.output, starts: starts, width: 1, role: .writer)
    ]
    if let bias = graph.layers[router.layer].biasTensor {
      slices.append(
        SymmetrySlice(tensor: bias, axis: 0, starts: starts, width: 1, role: .writer))
    }
    return ExpertSymmetry(
      layer: layer.name, router: slices,
      tensors: known.map { $0.flatMap { graph.layers[$0].parameters.map(\.tensor) } })
  }

  /// The layers of one expert, in the graph's order: from what the router reads to the mixture. Nil where
  /// something else reads one of them.
  private func expert(from last: Int, readBy mixture: Int, upTo shared: Int) -> [Int]? {
    var found: Set<Int> = []
    var pending = [last]
    while let next = pending.popLast() {
      if next == shared || found.contains(next) { continue }
      guard !graph.layers[next].inputs.isEmpty, !ends.contains(next) else { return nil }
      found.insert(next)
      pending += graph.layers[next].inputs
    }
    let allowed = found.union([mixture])
    guard !found.isEmpty, found.allSatisfy({ allowed.isSuperset(of: consumers[$0]) }) else {
      return nil
    }
    return found.sorted()
  }
}
