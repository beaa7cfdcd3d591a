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
    case (true, false): return (a, b.settled(as: b.certainty))
    case (false, true): return (a.settled(as: a.certainty), b)
    case (false, false):
      var (first, second) = (a, b)
      let held = layers.filter { a.heldLayers.contains($0.a) || b.heldLayers.contains($0.b) }
      first.heldLayers = held.map(\.a)
      second.heldLayers = held.map(\.b)
      return (first, second)
    }
  }
}
