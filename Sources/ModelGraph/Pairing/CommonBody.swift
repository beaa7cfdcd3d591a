/// The layers that two networks share from their inputs on, as places in their canonical orders.
///
/// Two layers are shared where they compute the same of shared layers. What is left over is the end of
/// both networks: their heads.
struct CommonBody {
  /// The places of the shared layers.
  private(set) var pairs: [(a: Int, b: Int)] = []
  /// The places of the others.
  private(set) var left: (a: [Int], b: [Int]) = ([], [])
  /// How many layers with kernels are shared, and how many each network has beside them.
  private var kernels = (shared: 0, a: 0, b: 0)

  /// A head has no more layers with kernels than this.
  private static let longestHead = 2

  /// Whether the networks share a body, and all that differs is heads: at most two layers with kernels,
  /// and not more than are shared, or one.
  var leavesOnlyHeads: Bool {
    let most = max(1, min(Self.longestHead, kernels.shared))
    return kernels.shared > 0 && max(kernels.a, kernels.b) <= most
  }

  /// Finds the shared layers.
  ///
  /// - Parameter names: names that tell layers from each other in both graphs.
  /// - Complexity: O(layers and edges), apart from sorting.
  init(
    _ a: ModelGraph, _ b: ModelGraph, _ nodesA: [CanonicalGraph.Node],
    _ nodesB: [CanonicalGraph.Node], telling names: Set<String>
  ) {
    var partners = (a: [Int: Int](), b: [Int: Int]())
    let levels = (Self.levels(nodesA), Self.levels(nodesB))
    for (levelA, levelB) in zip(levels.0, levels.1) {
      // What is alike: the computation, and which shared layers are read.
      var groups: [String: (a: [Int], b: [Int])] = [:]
      var order: [String] = []
      for place in levelA {
        let inputs = nodesA[place].inputs.compactMap { partners.a[$0] }
        guard inputs.count == nodesA[place].inputs.count else { continue }
        let key = "\(nodesA[place].signature) \(inputs)"
        if groups[key] == nil { order.append(key) }
        groups[key, default: ([], [])].a.append(place)
      }
      for place in levelB where nodesB[place].inputs.allSatisfy({ partners.b[$0] != nil }) {
        groups["\(nodesB[place].signature) \(nodesB[place].inputs)"]?.b.append(place)
      }
      for key in order {
        guard var group = groups[key] else { continue }
        func pair(_ x: Int, _ y: Int) {
          partners.a[x] = y
          partners.b[y] = x
        }
        for x in group.a {
          let name = a.layers[nodesA[x].layer].name
          guard names.contains(name),
            let y = group.b.first(where: { b.layers[nodesB[$0].layer].name == name }),
            nodesA[x].isLike(nodesB[y])
          else { continue }
          pair(x, y)
        }
        group.a.removeAll { partners.a[$0] != nil }
        group.b.removeAll { partners.b[$0] != nil }
        // Of several layers that are alike the order decides, and only where none is left over.
        guard group.a.count == group.b.count,
          zip(group.a, group.b).allSatisfy({ nodesA[$0].isLike(nodesB[$1]) })
        else { continue }
        for (x, y) in zip(group.a, group.b) { pair(x, y) }
      }
    }
    pairs = partners.a.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    left = (
      nodesA.indices.filter { partners.a[$0] == nil },
      nodesB.indices.filter { partners.b[$0] == nil }
    )
    kernels = (
      pairs.count { a.layers[nodesA[$0.a].layer].hasKernel },
      left.a.count { a.layers[nodesA[$0].layer].hasKernel },
      left.b.count { b.layers[nodesB[$0].layer].hasKernel }
    )
  }

  /// The places by how many layers stand before them at most.
  private static func levels(_ nodes: [CanonicalGraph.Node]) -> [[Int]] {
    var depths: [Int] = []
    var levels: [[Int]] = []
    for (place, node) in nodes.enumerated() {
      let depth = (node.inputs.map { depths[$0] }.max() ?? -1) + 1
      depths.append(depth)
      while levels.count <= depth { levels.append([]) }
      levels[depth].append(place)
    }
    return levels
  }
}

extension Layer {
  /// Whether it has weights that make units of others, and not scales or biases alone.
  var hasKernel: Bool {
    parameters.contains { [.kernel, .embeddings, .recurrentKernel].contains($0.role) }
  }
}
