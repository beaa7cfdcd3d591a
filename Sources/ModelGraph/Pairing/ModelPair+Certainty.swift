extension ModelPair {
  /// How sure the less certain of the two graphs is.
  public var certainty: Certainty {
    let order: [Certainty] = [.declared, .recognised, .confirmed, .assumed]
    let ranks = [a, b].map { order.firstIndex(of: $0.certainty) ?? 0 }
    return order[ranks.max() ?? 0]
  }

  /// What two graphs that fit layer by layer say of each other: one that is declared settles what the
  /// other leaves open; where neither is, units that one of them holds stay in both.
  static func settled(
    _ a: ModelGraph, _ b: ModelGraph, _ layers: [(a: Int, b: Int)]
  ) -> (ModelGraph, ModelGraph) {
    switch (a.certainty == .declared, b.certainty == .declared) {
    case (true, true): return (a, b)
    case (true, false): return (a, b.settledByPartner())
    case (false, true): return (a.settledByPartner(), b)
    case (false, false): return holdingBoth(a, b, layers)
    }
  }

  /// Two graphs in which units that one of them holds stay in both. Where only the bodies are paired, no
  /// graph settles the other, whose head it does not know, and what a head holds stays held.
  ///
  /// A layer that does nothing when run, as an activation that is ignored, has the units of what it reads:
  /// holding it holds that layer's partner.
  static func holdingBoth(
    _ a: ModelGraph, _ b: ModelGraph, _ layers: [(a: Int, b: Int)]
  ) -> (ModelGraph, ModelGraph) {
    let ignores = !a.assumptions.isEmpty || !b.assumptions.isEmpty
    let held = [a, b].map { graph in
      let stand = CanonicalGraph.standIns(graph, ignores)
      return Set(graph.heldLayers.map { stand[$0] })
    }
    var (first, second) = (a, b)
    for pair in layers {
      let isHeld = held[0].contains(pair.a) || held[1].contains(pair.b)
      if isHeld, !first.heldLayers.contains(pair.a) { first.heldLayers.append(pair.a) }
      if isHeld, !second.heldLayers.contains(pair.b) { second.heldLayers.append(pair.b) }
    }
    return (first, second)
  }
}

extension ModelGraph {
  /// The graph with its doubts settled by another file that states its own and fits layer by layer.
  fileprivate func settledByPartner() -> ModelGraph {
    guard !permutingAssumptions.isEmpty else { return self }
    var graph = settled(as: certainty)
    graph.assumptions.insert(
      Assumption(
        .row, "the graph is taken to be that of the other file, which states it", effect: .taken),
      at: 0)
    return graph
  }
}
