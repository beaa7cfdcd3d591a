import Probes

/// The edges of trees of models, with what names and documents say beside their weights.
struct DescentEdges {
  /// The tree of each model.
  private(set) var groups: [Int]
  /// The root of each tree.
  private(set) var roots: [Int]
  /// The edges, by child.
  private(set) var edges: [ModelTrees.Edge]

  /// Takes what the weights say.
  init(_ heritage: Heritage, kinds: [ModelTrees.Kind]) {
    groups = heritage.groups
    roots = heritage.roots
    edges = zip(heritage.edges, kinds).map { edge, kind in
      ModelTrees.Edge(
        child: edge.child, parent: edge.parent, kind: kind, score: edge.score,
        distance: edge.distance, merged: edge.merged)
    }
  }

  /// Puts the checkpoints of each training into a row, in the order of their steps, where their weights are of
  /// one tree. The first takes the place of the one that is nearest to the root.
  ///
  /// - Returns: whether any edge is of that kind.
  mutating func order(
    _ runs: [TrainingRuns.Run], distance: (Int, Int) -> Double
  ) -> Bool {
    var parents: [Int: Int] = [:]
    for edge in edges { parents[edge.child] = edge.parent }
    func depth(_ model: Int) -> Int {
      var (model, depth) = (model, 0)
      while let parent = parents[model], depth <= parents.count {
        model = parent
        depth += 1
      }
      return depth
    }
    var byChild: [Int: ModelTrees.Edge] = [:]
    for edge in edges { byChild[edge.child] = edge }
    var found = byChild
    for run in runs {
      let byGroup = Dictionary(grouping: run.models) { groups[$0] }
      for (group, members) in byGroup.sorted(by: { $0.key < $1.key }) where members.count > 1 {
        guard let top = members.min(by: { (depth($0), $0) < (depth($1), $1) }) else { continue }
        let first = members[0]
        if var edge = byChild[top] {
          if top != first {
            edge.child = first
            edge.distance = distance(first, edge.parent)
            if edge.kind != .merge { edge.kind = .finetune }
          }
          found[first] = edge
        } else {
          found[first] = nil
          roots[group] = first
        }
        for (before, after) in zip(members, members.dropFirst()) {
          let own = distance(before, after)
          found[after] = ModelTrees.Edge(
            child: after, parent: before, kind: own == 0 ? .duplicate : .checkpoint, score: 1,
            distance: own, merged: [])
        }
      }
    }
    edges = found.values.sorted { $0.child < $1.child }
    return edges.contains { $0.kind == .checkpoint }
  }

  /// Hangs adapters on their bases. What was a tree of adapters alone goes into the tree of the base.
  ///
  /// - Parameters:
  ///   - count: how many models there are, those included that the weights say nothing of.
  ///   - bases: the base of each adapter, and how sure that is.
  mutating func hang(_ bases: [Int: (base: Int, score: Double)], count: Int) {
    var groups = self.groups + [Int](repeating: -1, count: max(0, count - self.groups.count))
    for adapter in bases.keys { groups[adapter] = -1 }
    edges.removeAll { bases[$0.child] != nil || bases[$0.parent] != nil }
    // A model that lost its parent, an adapter, is a root of its own; a base that no tree has is one too.
    for base in bases.values.map(\.base).sorted() where groups[base] < 0 {
      groups[base] = (groups.max() ?? -1) + 1
    }
    for (adapter, own) in bases.sorted(by: { $0.key < $1.key }) {
      groups[adapter] = groups[own.base]
      edges.append(
        ModelTrees.Edge(
          child: adapter, parent: own.base, kind: .adapter, score: own.score, distance: nil,
          merged: []))
    }
    let children = Set(edges.map(\.child))
    var numbers: [Int: Int] = [:]
    var tops: [Int] = []
    for model in groups.indices where groups[model] >= 0 {
      if numbers[groups[model]] == nil {
        numbers[groups[model]] = tops.count
        let own = groups.indices.filter { groups[$0] == groups[model] && !children.contains($0) }
        tops.append(own.first ?? model)
      }
      groups[model] = numbers[groups[model]] ?? -1
    }
    self.groups = groups
    roots = tops
    edges.sort { $0.child < $1.child }
  }
}
