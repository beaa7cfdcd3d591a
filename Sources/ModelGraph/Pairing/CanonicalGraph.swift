/// A graph without what does not matter for pairing: names, the order of the file, layers that do
/// nothing when run, and a last activation (which files of weights alone do not have).
struct CanonicalGraph {
  /// One layer that counts.
  struct Node {
    /// Its index in the graph.
    var layer: Int
    /// What it computes, as text: equal for layers that compute the same.
    var signature: String
    /// The shape of its output with the channels last.
    var shape: [Int?]
    /// The positions of its inputs in the canonical order.
    var inputs: [Int]
  }

  /// The nodes, each after its inputs, in an order that only the structure decides.
  private(set) var nodes: [Node] = []

  /// - Parameters:
  ///   - ignoringActivations: whether all activations count as nothing.
  ///   - names: names that tell layers from each other, in this graph and in another: they decide the
  ///     order of a sum's inputs where these compute the same.
  /// - Complexity: O(layers and edges), apart from sorting the inputs of sums.
  init(
    _ graph: ModelGraph, ignoringActivations: Bool = false, telling names: Set<String> = []
  ) {
    let stand = CanonicalGraph.standIns(graph, ignoringActivations)
    let hashes = CanonicalGraph.subtreeHashes(graph, stand, names)
    var positions: [Int: Int] = [:]
    let roots = graph.outputs.map { stand[$0] } + graph.layers.indices.filter { stand[$0] == $0 }
    // Depth first with an explicit stack: a network may be deeper than the thread's stack.
    for root in roots where positions[root] == nil {
      var stack: [(layer: Int, inputs: [Int], next: Int)] = []
      func sources(_ layer: Int) -> [Int] {
        CanonicalGraph.sources(graph, layer, stand, hashes)
      }
      stack.append((root, sources(root), 0))
      while var top = stack.popLast() {
        if top.next < top.inputs.count {
          let child = top.inputs[top.next]
          top.next += 1
          stack.append(top)
          if positions[child] == nil { stack.append((child, sources(child), 0)) }
          continue
        }
        if positions[top.layer] != nil { continue }
        positions[top.layer] = nodes.count
        nodes.append(
          Node(
            layer: top.layer, signature: graph.signature(of: top.layer),
            shape: graph.lastChannelShape(of: top.layer),
            inputs: top.inputs.compactMap { positions[$0] }))
      }
    }
  }

  /// For every layer the one that stands for it: itself, or what a layer that does nothing reads.
  static func standIns(_ graph: ModelGraph, _ ignoringActivations: Bool) -> [Int] {
    var users = Array(repeating: 0, count: graph.layers.count)
    for input in graph.layers.flatMap(\.inputs) { users[input] += 1 }
    let outputs = Set(graph.outputs)
    var stand: [Int] = []
    for (index, layer) in graph.layers.enumerated() {
      let passes =
        switch layer.operation {
        case .dropout, .activation(.linear): true
        case .activation: ignoringActivations || (outputs.contains(index) && users[index] == 0)
        default: false
        }
      stand.append(passes ? layer.inputs.first.map { stand[$0] } ?? index : index)
    }
    return stand
  }

  /// What a layer computes with all that it reads, and the same with the telling names in it.
  private struct SubtreeHash: Comparable {
    var structure: UInt64
    var named: UInt64

    static func < (one: SubtreeHash, other: SubtreeHash) -> Bool {
      (one.structure, one.named) < (other.structure, other.named)
    }
  }

  private static func subtreeHashes(
    _ graph: ModelGraph, _ stand: [Int], _ names: Set<String>
  ) -> [SubtreeHash] {
    var hashes: [SubtreeHash] = []
    for index in graph.layers.indices {
      var hash = StableHash()
      hash.combine(graph.signature(of: index))
      hash.combine(describe(graph.lastChannelShape(of: index)))
      var named = hash
      let name = graph.layers[index].name
      if names.contains(name) { named.combine(name) }
      for input in sources(graph, index, stand, hashes) {
        hash.combine(hashes[input].structure)
        named.combine(hashes[input].named)
      }
      hashes.append(SubtreeHash(structure: hash.value, named: named.value))
    }
    return hashes
  }

  /// The layers that a layer reads; those of a sum or product in an order that the file does not
  /// decide.
  private static func sources(
    _ graph: ModelGraph, _ layer: Int, _ stand: [Int], _ hashes: [SubtreeHash]
  ) -> [Int] {
    let inputs = graph.layers[layer].inputs.map { stand[$0] }
    switch graph.layers[layer].operation {
    case .add, .multiply, .elementwise(.average), .elementwise(.maximum), .elementwise(.minimum):
      return inputs.enumerated().sorted {
        (hashes[$0.element], $0.offset) < (hashes[$1.element], $1.offset)
      }.map(\.element)
    default: return inputs
    }
  }
}
