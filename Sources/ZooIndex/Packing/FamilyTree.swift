/// Which model each model of a zoo is best stored as differences from.
///
/// Models are compared by a sample of their numbers: the cost of a pair is the sum of the bits of
/// their integer differences. The tree of least cost is found as by Prim, with a bounded depth, so
/// that a model is never many steps away from one that is stored whole.
struct FamilyTree {
  /// How many elements of a tensor are compared.
  static let sampleCount = 192
  /// How many steps lead to a root at most.
  static let largestDepth = 8
  /// How many models are compared with each other.
  static let groupCount = 1500

  /// A sample of one tensor.
  struct Sample: Sendable {
    /// Numbers of the elements, in their order.
    var ranks: [Int64]
    /// How many bits all elements have.
    var bitCount: Double
    /// The bits of an element.
    var width: Int
  }

  /// The models in an order in which parents come first, each with its parent.
  private(set) var order: [(model: Int, parent: Int?)] = []

  /// Finds the tree.
  ///
  /// - Parameter models: for each model the samples of its tensors, by name, shape and type.
  /// - Complexity: O(models²) within groups of `groupCount`.
  init(_ models: [[String: Sample]]) {
    for start in stride(from: 0, to: models.count, by: FamilyTree.groupCount) {
      grow(models, start..<min(models.count, start + FamilyTree.groupCount))
    }
  }

  private mutating func grow(_ models: [[String: Sample]], _ group: Range<Int>) {
    var best = group.map { FamilyTree.ownCost(models[$0]) }
    var parents = [Int?](repeating: nil, count: group.count)
    var depths = [Int](repeating: 0, count: group.count)
    var waiting = Array(group)
    // The one that is nearest to all others would be the best root; the first is nearly as good,
    // since differences cost the same both ways.
    while let place = waiting.indices.min(by: { gain(waiting[$0]) > gain(waiting[$1]) }) {
      let model = waiting.remove(at: place)
      order.append((model, parents[model - group.lowerBound]))
      guard depths[model - group.lowerBound] < FamilyTree.largestDepth else { continue }
      for other in waiting {
        let cost = FamilyTree.cost(models[other], models[model])
        // A few equal tensors of small size make no family.
        guard cost < min(best[other - group.lowerBound], 0.99 * FamilyTree.ownCost(models[other]))
        else { continue }
        best[other - group.lowerBound] = cost
        parents[other - group.lowerBound] = model
        depths[other - group.lowerBound] = depths[model - group.lowerBound] + 1
      }
    }

    /// How much the differences known so far save.
    func gain(_ model: Int) -> Double {
      parents[model - group.lowerBound] == nil
        ? 0 : FamilyTree.ownCost(models[model]) - best[model - group.lowerBound]
    }
  }

  /// The bits of a model that is stored whole, of which some compress.
  private static func ownCost(_ model: [String: Sample]) -> Double {
    model.values.reduce(0) { $0 + 0.85 * $1.bitCount }
  }

  private static func cost(_ model: [String: Sample], _ parent: [String: Sample]) -> Double {
    model.reduce(0) { sum, tensor in
      let own = tensor.value
      guard let other = parent[tensor.key], other.ranks.count == own.ranks.count,
        !own.ranks.isEmpty
      else { return sum + 0.85 * own.bitCount }
      var bits = 0
      for (one, two) in zip(own.ranks, other.ranks) {
        bits += 65 - (one &- two).magnitude.leadingZeroBitCount
      }
      let share = Double(bits) / Double(own.ranks.count * own.width)
      return sum + min(0.85, share) * own.bitCount
    }
  }
}
