extension ModelGraph {
  /// Keeps in place what tensors that are not understood may touch: what blocks hand to each other, and
  /// the whole of every block that such a tensor stands in.
  ///
  /// - Parameters:
  ///   - leftovers: the tensors.
  ///   - blocks: for every layer, the repeated block that it is in.
  mutating func holdAround(leftovers: [String], blocks: [Int?], family: String) {
    var held = Set(heldLayers)
    var readers: [[Int]] = Array(repeating: [], count: layers.count)
    for (index, layer) in layers.enumerated() {
      for input in layer.inputs { readers[input].append(index) }
    }
    for index in layers.indices {
      let isInner =
        blocks[index] != nil && !readers[index].isEmpty
        && readers[index].allSatisfy { blocks[$0] == blocks[index] }
      if !isInner { held.insert(index) }
    }
    for (block, path) in blockPaths(blocks) where leftovers.contains(where: { $0.hasPrefix(path) })
    {
      for (index, layer) in layers.enumerated()
      where blocks[index] == block
        || layer.parameters.contains(where: { $0.tensor.hasPrefix(path) })
      {
        held.insert(index)
      }
    }
    heldLayers = held.sorted()
    let shown = leftovers.prefix(4).joined(separator: ", ")
    let more = leftovers.count > 4 ? " and \(leftovers.count - 4) more" : ""
    assumptions.append(
      Assumption(
        .family,
        "networks of the family \(family) do not have \(shown)\(more): what these tensors may read or change "
          + "stays in place", tensors: leftovers, effect: .taken))
    certainty = .assumed
    if whyNotRunnable == nil {
      whyNotRunnable = "the tensors \(shown)\(more) are not understood"
    }
  }

  /// The words that the names of all tensors of a block begin with, with the dot after them.
  private func blockPaths(_ blocks: [Int?]) -> [Int: String] {
    var paths: [Int: [Substring]] = [:]
    for (layer, block) in zip(layers, blocks) {
      guard let block else { continue }
      for parameter in layer.parameters {
        let words = parameter.tensor.split(separator: ".").dropLast()
        let known = paths[block] ?? Array(words)
        paths[block] = zip(known, words).prefix { $0 == $1 }.map(\.0)
      }
    }
    return paths.compactMapValues { words in
      // Tensors that all blocks share say nothing of one of them.
      guard let last = words.lastIndex(where: { Int($0) != nil }) else { return nil }
      return words[...last].joined(separator: ".") + "."
    }
  }

  /// The graph with what its attention layers lack said: without the number of heads their queries, keys
  /// and values stay in place, and it cannot be run.
  func withUnknownHeads() -> ModelGraph {
    let unknown = layers.filter { layer in
      if case .attention(let attention) = layer.operation { attention.heads == nil } else { false }
    }.map(\.name)
    guard !unknown.isEmpty else { return self }
    var graph = self
    graph.assumptions.append(
      Assumption(
        .family,
        "how many heads attention has is said nowhere: queries, keys and values stay in place",
        layers: unknown, effect: .held, settledBy: [.heads(0)]))
    if graph.whyNotRunnable == nil {
      graph.whyNotRunnable = "how many heads attention has is said nowhere"
    }
    return graph
  }
}
